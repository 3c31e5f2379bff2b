// SPDX-License-Identifier: GPL-3.0-or-later
#include <witness_words.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int take_word(struct witness_words *words, const char *hex, size_t cw_bytes)
{
	uint8_t(*grown)[WITNESS_CW_MAX_BYTES] = realloc(words->word, (words->n + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	words->word = grown;
	if (strlen(hex) != 2 * cw_bytes)
		return -EBADMSG;
	for (size_t i = 0; i < cw_bytes; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &grown[words->n][i]) != 1)
			return -EBADMSG;
	words->n++;
	return 0;
}

int witness_words_read(struct witness_words *words, const char *path, const char *group, size_t cw_bytes)
{
	char line[256], name[32], option[16], hex[40], parity[8];
	FILE *file = fopen(path, "re");
	bool mine = false;
	unsigned cp;
	int rc = 0;

	*words = (struct witness_words){0};
	if (!file)
		return -errno;
	while (rc == 0 && fgets(line, sizeof(line), file)) {
		int fields = sscanf(line, "group %31s period_ms %*u %15s", name, option);

		if (fields > 0) {
			mine = strcmp(name, group) == 0;
			words->repeat |= mine && fields == 2 && strcmp(option, "repeat") == 0;
		} else if (mine && sscanf(line, "cp %u %7s %39s", &cp, parity, hex) == 3) {
			rc = take_word(words, hex, cw_bytes);
		}
	}
	fclose(file);
	if (rc == 0 && words->n == 0)
		rc = -EBADMSG;
	if (rc < 0)
		witness_words_free(words);
	return rc;
}

void witness_words_free(struct witness_words *words)
{
	free(words->word);
	*words = (struct witness_words){0};
}

const uint8_t *witness_words_at(const struct witness_words *words, size_t cp)
{
	if (words->repeat)
		return words->word[cp % words->n];
	return words->word[cp < words->n ? cp : words->n - 1];
}
