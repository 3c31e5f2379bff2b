// SPDX-License-Identifier: GPL-3.0-or-later
#include <base_words.h>

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { DIGITS_MAX = 9 };

size_t base_words_split(struct base_word *words, size_t max, const char *line, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n && line[i] != '#';) {
		if (isspace((unsigned char)line[i])) {
			i++;
			continue;
		}
		size_t start = i;

		while (i < n && line[i] != '#' && !isspace((unsigned char)line[i]))
			i++;
		if (count == max)
			return max + 1;
		words[count++] = (struct base_word){line + start, i - start};
	}
	return count;
}

bool base_words_is(const struct base_word *word, const char *text)
{
	return word->n == strlen(text) && memcmp(word->at, text, word->n) == 0;
}

int64_t base_words_number(const struct base_word *word)
{
	int64_t value = 0;

	if (word->n == 0 || word->n > DIGITS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < word->n; i++) {
		if (word->at[i] < '0' || word->at[i] > '9')
			return -EINVAL;
		value = value * 10 + (word->at[i] - '0');
	}
	return value;
}
