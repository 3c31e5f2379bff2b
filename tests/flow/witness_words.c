// SPDX-License-Identifier: GPL-3.0-or-later
#include <witness_words.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int take_word(struct witness_words *words, const char *hex)
{
	struct witness_word *grown = realloc(words->word, (words->n + 1) * sizeof(*grown));
	size_t bytes = strlen(hex) / 2;

	if (!grown)
		return -ENOMEM;
	words->word = grown;
	if (bytes > WITNESS_CW_MAX_BYTES)
		return -EBADMSG;
	for (size_t i = 0; i < bytes; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &grown[words->n].cw[i]) != 1)
			return -EBADMSG;
	grown[words->n++].bytes = bytes;
	return 0;
}

int witness_words_read(struct witness_words *words, const char *path, const char *group)
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
			rc = take_word(words, hex);
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

const uint8_t *witness_words_at(const struct witness_words *words, size_t cp, size_t cw_bytes)
{
	size_t last = words->n - 1, at = words->repeat ? cp % words->n : cp < last ? cp : last;

	return words->word[at].bytes == cw_bytes ? words->word[at].cw : NULL;
}
