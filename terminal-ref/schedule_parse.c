// SPDX-License-Identifier: GPL-3.0-or-later
// Parses a schedule where it stands. Messages never quote a word of the file: it might be a key in the wrong place.
#include <stb_schedule.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <stb_line.h>

#define WORDS_MAX 6

struct parser {
	struct stb_schedule *schedule;
	struct base_errs *errs;
	const char *name;
	unsigned line;
	unsigned group_line[STB_SCHEDULE_GROUPS_MAX];
	struct stb_group *group; // the one that takes cps, NULL: none, or one past the limit
	bool any_group;
	bool spoilt;   // the group's line or a cp of it could not be read
	bool many_cps; // the limit was reported
	size_t cps;
	uint16_t next_cp;
};

__attribute__((format(printf, 3, 4))) static void wrong(struct parser *p, unsigned line, const char *format, ...)
{
	char where[200], text[BASE_ERR_TEXT_BYTES];
	va_list list;

	snprintf(where, sizeof(where), "%s:%u", p->name, line);
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	base_errs_add(p->errs, where, "%s", text);
}

static bool name_good(const struct stb_line_word *word)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

	if (word->n == 0 || word->n >= STB_GROUP_NAME_BYTES)
		return false;
	for (size_t i = 0; i < word->n; i++)
		if (!memchr(allowed, word->text[i], sizeof(allowed) - 1))
			return false;
	return true;
}

// What can only be said when all cps of the group are there.
static void end_group(struct parser *p)
{
	struct stb_group *group = p->group;
	unsigned line;

	p->group = NULL;
	if (!group || p->spoilt)
		return;
	line = p->group_line[group - p->schedule->group];
	if (group->n == 0)
		wrong(p, line, "the group has no cp lines; at least one is needed");
	if (group->period_ms == 0 && group->n > 1)
		wrong(p, line, "a fixed key (period_ms 0) has one cp, not %u", group->n);
	if (group->repeat && group->n % 2 != 0)
		wrong(p, line, "repeat needs an even number of cps, not %u, for the parity to alternate", group->n);
}

static void take_name(struct parser *p, const struct stb_line_word *word)
{
	struct stb_group *group = p->group;

	if (!name_good(word)) {
		wrong(p, p->line, "a group's name is 1..31 of A-Z a-z 0-9 _ . -");
		return;
	}
	memcpy(group->name, word->text, word->n);
	for (size_t i = 0; &p->schedule->group[i] < group; i++)
		if (strcmp(p->schedule->group[i].name, group->name) == 0)
			wrong(p, p->line, "the same name as the group of line %u; names are unique", p->group_line[i]);
}

static void take_group(struct parser *p, const struct stb_line_word *word, size_t n)
{
	uint32_t period_ms = 0;

	end_group(p);
	p->any_group = true;
	p->spoilt = false;
	if (p->schedule->n == STB_SCHEDULE_GROUPS_MAX) {
		wrong(p, p->line, "more than %u groups", STB_SCHEDULE_GROUPS_MAX);
		return;
	}
	p->group_line[p->schedule->n] = p->line;
	p->group = &p->schedule->group[p->schedule->n++];
	p->group->first = (uint32_t)p->cps;
	if (n < 4 || n > 5 || !stb_line_is(&word[2], "period_ms") || (n == 5 && !stb_line_is(&word[4], "repeat"))) {
		wrong(p, p->line, "a group line reads: group NAME period_ms MILLISECONDS [repeat]");
		p->spoilt = true;
		return;
	}
	take_name(p, &word[1]);
	if (!stb_line_number(&word[3], 3600000, &period_ms) || (period_ms != 0 && period_ms < 1000)) {
		wrong(p, p->line, "period_ms is 1000..3600000, or 0 for a fixed key");
		p->spoilt = true;
	}
	p->group->period_ms = period_ms;
	p->group->repeat = n == 5;
}

static void take_number(struct parser *p, const struct stb_line_word *cp, const struct stb_line_word *parity)
{
	uint32_t value;

	if (!stb_line_number(cp, 65535, &value)) {
		wrong(p, p->line, "a cp number is 0..65535");
		// The sequence goes on as if it had been right, so that one mistake is one message.
		value = p->group->n ? p->next_cp : (uint32_t)stb_line_is(parity, "odd");
	} else if (p->group->n > 0 && value != p->next_cp) {
		wrong(p, p->line, "cp %u must follow here: numbers are consecutive modulo 65536", p->next_cp);
	}
	if (p->group->n == 0)
		p->group->first_cp = (uint16_t)value;
	p->next_cp = (uint16_t)(value + 1);
	if (!stb_line_is(parity, "even") && !stb_line_is(parity, "odd"))
		wrong(p, p->line, "the parity is the word even or the word odd");
	else if (stb_line_is(parity, "odd") != (value & 1))
		wrong(p, p->line, "even cp numbers have even parity and odd ones odd");
}

static void take_cw(struct parser *p, const struct stb_line_word *word)
{
	uint8_t *cw = p->schedule->cws.bytes + p->cps * STB_CW_MAX_BYTES;

	if ((word->n != 16 && word->n != 32) || base_bytes_from_hex(cw, STB_CW_MAX_BYTES, word->text, word->n) < 0) {
		wrong(p, p->line, "a CW is 16 or 32 hexadecimal digits");
		return;
	}
	if (p->group->cw_bytes != 0 && p->group->cw_bytes != word->n / 2)
		wrong(p, p->line, "the CWs of a group have one length, here %u digits", 2u * p->group->cw_bytes);
	if (p->group->cw_bytes == 0)
		p->group->cw_bytes = (uint8_t)(word->n / 2);
}

static void take_cp(struct parser *p, const struct stb_line_word *word, size_t n)
{
	if (!p->any_group) {
		wrong(p, p->line, "a cp line belongs below a group line");
		return;
	}
	if (!p->group)
		return;
	if (n != 4) {
		wrong(p, p->line, "a cp line reads: cp NUMBER even|odd CW");
		p->spoilt = true;
		p->next_cp++;
		return;
	}
	if (p->cps == STB_SCHEDULE_CPS_MAX) {
		if (!p->many_cps)
			wrong(p, p->line, "more than %u cps in the file", STB_SCHEDULE_CPS_MAX);
		p->many_cps = true;
		return;
	}
	take_number(p, &word[1], &word[2]);
	take_cw(p, &word[3]);
	p->cps++;
	p->group->n++;
}

static void take_line(struct parser *p, const char *text, size_t n)
{
	struct stb_line_word word[WORDS_MAX];
	size_t words = stb_line_split(word, WORDS_MAX, text, n);

	if (words == 0)
		return;
	if (stb_line_is(&word[0], "group"))
		take_group(p, word, words);
	else if (stb_line_is(&word[0], "cp"))
		take_cp(p, word, words);
	else
		wrong(p, p->line, "a line begins with group, cp or #");
}

static size_t count_lines(const char *text, size_t n)
{
	size_t lines = 1;

	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

static int make_room(struct stb_schedule *schedule, const char *text, size_t n)
{
	size_t cps = count_lines(text, n);
	int rc;

	if (cps > STB_SCHEDULE_CPS_MAX)
		cps = STB_SCHEDULE_CPS_MAX;
	schedule->group = calloc(STB_SCHEDULE_GROUPS_MAX, sizeof(*schedule->group));
	if (!schedule->group)
		return -ENOMEM;
	rc = base_secret_init(&schedule->cws, cps * STB_CW_MAX_BYTES);
	if (rc == 0)
		schedule->cws.len_bytes = cps * STB_CW_MAX_BYTES;
	return rc;
}

int stb_schedule_parse(struct stb_schedule *schedule, const char *text, size_t n, const char *name,
		       struct base_errs *errs)
{
	struct parser p = {.schedule = schedule, .errs = errs, .name = name};
	size_t before = errs->count + errs->lost;
	int rc;

	*schedule = (struct stb_schedule){0};
	rc = make_room(schedule, text, n);
	if (rc < 0) {
		base_errs_add(errs, name, "no locked memory for its CWs: %s", strerror(-rc));
		goto free_all;
	}
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t length = end ? (size_t)(end - text) - at : n - at;

		p.line++;
		take_line(&p, text + at, length);
		at += length + 1;
	}
	end_group(&p);
	if (!p.any_group)
		wrong(&p, p.line ? p.line : 1, "no group in the file");
	if (errs->count + errs->lost == before)
		return 0;
	rc = -EINVAL;
free_all:
	stb_schedule_free(schedule);
	return rc;
}
