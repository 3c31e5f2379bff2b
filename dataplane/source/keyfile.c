// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/keyfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <base_words.h>

struct parser {
	struct dp_keyfile *keyfile;
	struct base_errs *errs;
	const char *name;
	unsigned line;
	size_t cws;                     // read so far
	struct dp_keyfile_group *group; // the one being filled
};

enum { WORDS_MAX = 6 };

#define MISTAKE(parser, ...)                                                             \
	do {                                                                             \
		char where[BASE_ERR_TEXT_BYTES];                                         \
		snprintf(where, sizeof(where), "%s:%u", (parser)->name, (parser)->line); \
		base_errs_add((parser)->errs, where, __VA_ARGS__);                       \
	} while (0)

static bool name_ok(const struct base_word *word)
{
	if (word->n == 0 || word->n >= DP_KEYFILE_NAME_BYTES)
		return false;
	for (size_t i = 0; i < word->n; i++)
		if (!isalnum((unsigned char)word->at[i]) && !memchr("_.-", word->at[i], 3))
			return false;
	return true;
}

static void end_group(struct parser *p)
{
	const struct dp_keyfile_group *g = p->group;

	if (!g)
		return;
	p->line = g->line;
	if (g->cps == 0)
		MISTAKE(p, "group %s has no cp lines: give at least one", g->name);
	else if (g->repeat && g->cps % 2)
		MISTAKE(p, "group %s repeats %u crypto-periods: an even number keeps the parities alternating", g->name,
			g->cps);
	else if (g->period_ms == 0 && g->cps > 1)
		MISTAKE(p, "group %s has period_ms 0, a fixed key, and %u cp lines: give one", g->name, g->cps);
}

static void group_line(struct parser *p, const struct base_word *w, size_t n)
{
	unsigned line = p->line;
	int64_t ms = n >= 4 ? base_words_number(&w[3]) : -EINVAL;

	end_group(p);
	p->group = NULL;
	p->line = line;
	if (n < 4 || n > 5 || !base_words_is(&w[2], "period_ms") || (n == 5 && !base_words_is(&w[4], "repeat"))) {
		MISTAKE(p, "expected: group NAME period_ms MILLISECONDS [repeat]");
		return;
	}
	if (!name_ok(&w[1])) {
		MISTAKE(p, "a group name has 1 to %d of the characters A-Z a-z 0-9 _ . -", DP_KEYFILE_NAME_BYTES - 1);
		return;
	}
	if (ms != 0 && (ms < DP_KEYFILE_PERIOD_MIN_MS || ms > DP_KEYFILE_PERIOD_MAX_MS)) {
		MISTAKE(p, "period_ms is 0 (fixed key) or %d to %d", DP_KEYFILE_PERIOD_MIN_MS,
			DP_KEYFILE_PERIOD_MAX_MS);
		return;
	}
	if (p->keyfile->groups == DP_KEYFILE_GROUPS_MAX) {
		MISTAKE(p, "more than %d groups", DP_KEYFILE_GROUPS_MAX);
		return;
	}
	struct dp_keyfile_group *g = &p->keyfile->group[p->keyfile->groups];

	*g = (struct dp_keyfile_group){.period_ms = (uint32_t)ms, .repeat = n == 5, .line = line};
	memcpy(g->name, w[1].at, w[1].n);
	g->first_cw = (uint32_t)p->cws;
	if (dp_keyfile_find(p->keyfile, g->name)) {
		MISTAKE(p, "group %s is there twice", g->name);
		return;
	}
	p->keyfile->groups++;
	p->group = g;
}

static void cp_line(struct parser *p, const struct base_word *w, size_t n)
{
	struct dp_keyfile_group *g = p->group;
	int64_t cp = n == 4 ? base_words_number(&w[1]) : -EINVAL;

	if (n != 4 || cp < 0 || cp > UINT16_MAX || (!base_words_is(&w[2], "even") && !base_words_is(&w[2], "odd"))) {
		MISTAKE(p, "expected: cp NUMBER even|odd CW, with NUMBER 0 to 65535");
		return;
	}
	if (!g) {
		MISTAKE(p, "cp line before a good group line");
		return;
	}
	if (base_words_is(&w[2], "odd") != (cp & 1)) {
		MISTAKE(p, "crypto-period %d has the other parity: even numbers are even, odd ones odd", (int)cp);
		return;
	}
	if (g->cps && cp != (uint16_t)(g->first_cp_number + g->cps)) {
		MISTAKE(p, "crypto-period %d does not follow %u", (int)cp,
			(unsigned)(uint16_t)(g->first_cp_number + g->cps - 1));
		return;
	}
	if (p->cws == DP_KEYFILE_CPS_MAX) {
		MISTAKE(p, "more than %d crypto-periods in the file", DP_KEYFILE_CPS_MAX);
		return;
	}
	int bytes =
		base_bytes_from_hex(p->keyfile->cws.bytes + p->cws * DP_CW_MAX_BYTES, DP_CW_MAX_BYTES, w[3].at, w[3].n);

	if (bytes != 8 && bytes != 16) {
		MISTAKE(p, "a CW has 16 hexadecimal digits (csa1, csa2) or 32 (the others)");
		return;
	}
	if (g->cps && bytes != g->cw_bytes) {
		MISTAKE(p, "a CW of %d bytes in a group of %u: one length per group", bytes, g->cw_bytes);
		return;
	}
	if (g->cps == 0) {
		g->first_cp_number = (uint16_t)cp;
		g->cw_bytes = (uint8_t)bytes;
	}
	g->cps++;
	p->cws++;
}

static void parse_lines(struct parser *p, const char *text, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t length = end ? (size_t)(end - (text + at)) : n - at;
		struct base_word words[WORDS_MAX];
		size_t count = base_words_split(words, WORDS_MAX, text + at, length);

		p->line++;
		if (count && base_words_is(&words[0], "group"))
			group_line(p, words, count);
		else if (count && base_words_is(&words[0], "cp"))
			cp_line(p, words, count);
		else if (count)
			MISTAKE(p, "expected a line that starts with group, cp or #");
		at += length + 1;
	}
	end_group(p);
}

// Room for as many CWs as there are lines, so that a small file takes few locked pages.
static size_t lines_of(const char *text, size_t n)
{
	size_t lines = 1;

	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines < DP_KEYFILE_CPS_MAX ? lines : DP_KEYFILE_CPS_MAX;
}

int dp_keyfile_parse(struct dp_keyfile *keyfile, const char *text, size_t n, const char *name, struct base_errs *errs)
{
	struct parser p = {.keyfile = keyfile, .errs = errs, .name = name};
	size_t before = errs->count + errs->lost;
	int rc;

	*keyfile = (struct dp_keyfile){0};
	keyfile->group = calloc(DP_KEYFILE_GROUPS_MAX, sizeof(*keyfile->group));
	if (!keyfile->group)
		return -ENOMEM;
	rc = base_secret_init(&keyfile->cws, lines_of(text, n) * DP_CW_MAX_BYTES);
	if (rc) {
		base_errs_add(errs, name, "no locked memory for the control words: raise ulimit -l");
		goto fail;
	}
	parse_lines(&p, text, n);
	keyfile->cws.len_bytes = p.cws * DP_CW_MAX_BYTES;
	rc = errs->count + errs->lost == before ? 0 : -EINVAL;
fail:
	if (rc)
		dp_keyfile_free(keyfile);
	return rc;
}

int dp_keyfile_load(struct dp_keyfile *keyfile, const char *path, struct base_errs *errs)
{
	struct base_secret text = {0};
	int rc = base_secret_load(&text, path, DP_KEYFILE_MAX_BYTES, errs);

	*keyfile = (struct dp_keyfile){0};
	if (!rc)
		rc = dp_keyfile_parse(keyfile, (const char *)text.bytes, text.len_bytes, path, errs);
	base_secret_fini(&text);
	return rc;
}

void dp_keyfile_free(struct dp_keyfile *keyfile)
{
	base_secret_fini(&keyfile->cws);
	free(keyfile->group);
	*keyfile = (struct dp_keyfile){0};
}

const struct dp_keyfile_group *dp_keyfile_find(const struct dp_keyfile *keyfile, const char *name)
{
	for (size_t i = 0; i < keyfile->groups; i++)
		if (strcmp(keyfile->group[i].name, name) == 0)
			return &keyfile->group[i];
	return NULL;
}

const uint8_t *dp_keyfile_cw(const struct dp_keyfile *keyfile, const struct dp_keyfile_group *group, uint64_t index)
{
	return keyfile->cws.bytes + (group->first_cw + index) * DP_CW_MAX_BYTES;
}
