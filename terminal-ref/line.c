// SPDX-License-Identifier: GPL-3.0-or-later
#include <stb_line.h>

#include <string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

size_t stb_line_split(struct stb_line_word *word, size_t max, const char *text, size_t n)
{
	size_t words = 0, i = 0;

	while (words < max) {
		while (i < n && blank(text[i]))
			i++;
		if (i == n || text[i] == '#')
			break;
		word[words].text = text + i;
		while (i < n && !blank(text[i]) && text[i] != '#')
			i++;
		word[words].n = (size_t)(text + i - word[words].text);
		words++;
	}
	return words;
}

bool stb_line_is(const struct stb_line_word *word, const char *text)
{
	return word->n == strlen(text) && memcmp(word->text, text, word->n) == 0;
}

bool stb_line_number(const struct stb_line_word *word, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;

	if (word->n == 0 || word->n > 9)
		return false;
	for (size_t i = 0; i < word->n; i++) {
		if (word->text[i] < '0' || word->text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(word->text[i] - '0');
	}
	*out = (uint32_t)value;
	return value <= max;
}
