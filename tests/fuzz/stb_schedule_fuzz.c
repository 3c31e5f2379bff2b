// SPDX-License-Identifier: GPL-3.0-or-later
// Schedule of control words. What parses keeps the promises of its header and, written out, parses as the same; what
// does not is explained without a row of digits that could be a key.
#include <ctype.h>
#include <errno.h>

#include <base_bytes.h>
#include <fuzz.h>
#include <stb_schedule.h>

enum { LINE_BYTES = 96, KEY_DIGITS = 16 };

static void check_group(const struct stb_schedule *schedule, const struct stb_group *group)
{
	size_t name = strnlen(group->name, sizeof(group->name));

	FUZZ_ASSERT(name > 0 && name < STB_GROUP_NAME_BYTES);
	FUZZ_ASSERT(stb_schedule_find(schedule, group->name) == group);
	FUZZ_ASSERT(group->n > 0 && group->n <= STB_SCHEDULE_CPS_MAX);
	FUZZ_ASSERT(group->cw_bytes == 8 || group->cw_bytes == 16);
	FUZZ_ASSERT(group->period_ms == 0 || (group->period_ms >= 1000 && group->period_ms <= 3600000));
	FUZZ_ASSERT(group->period_ms != 0 || group->n == 1);
	FUZZ_ASSERT(!group->repeat || group->n % 2 == 0);
	for (uint32_t i = 0; i < group->n; i++) {
		uint32_t next = i;
		const uint8_t *cw = stb_schedule_cw(schedule, group, i);

		FUZZ_ASSERT(cw >= schedule->cws.bytes);
		FUZZ_ASSERT(cw + STB_CW_MAX_BYTES <= schedule->cws.bytes + schedule->cws.len_bytes);
		FUZZ_ASSERT(stb_group_next(group, &next) == (i + 1 < group->n || group->repeat));
		FUZZ_ASSERT(next < group->n &&
			    (next == i || stb_group_parity(group, next) != stb_group_parity(group, i)));
	}
}

// GIVES the text.
static char *write_out(const struct stb_schedule *schedule, size_t *n)
{
	size_t lines = schedule->n;
	char *text;

	for (size_t g = 0; g < schedule->n; g++)
		lines += schedule->group[g].n;
	text = malloc(lines * LINE_BYTES);
	FUZZ_ASSERT(text);
	*n = 0;
	for (size_t g = 0; g < schedule->n; g++) {
		const struct stb_group *group = &schedule->group[g];

		*n += (size_t)sprintf(text + *n, "group %s period_ms %u%s\n", group->name, group->period_ms,
				      group->repeat ? " repeat" : "");
		for (uint32_t i = 0; i < group->n; i++) {
			unsigned cp = (group->first_cp + i) & 0xFFFF;

			*n += (size_t)sprintf(text + *n, "cp %u %s ", cp, cp & 1 ? "odd" : "even");
			*n += (size_t)base_bytes_to_hex(text + *n, LINE_BYTES, stb_schedule_cw(schedule, group, i),
							group->cw_bytes);
			text[(*n)++] = '\n';
		}
	}
	return text;
}

static void check_same(const struct stb_schedule *a, const struct stb_schedule *b)
{
	FUZZ_ASSERT(a->n == b->n);
	for (size_t g = 0; g < a->n; g++) {
		const struct stb_group *x = &a->group[g], *y = &b->group[g];

		FUZZ_ASSERT(strcmp(x->name, y->name) == 0 && x->period_ms == y->period_ms && x->repeat == y->repeat);
		FUZZ_ASSERT(x->n == y->n && x->first_cp == y->first_cp && x->cw_bytes == y->cw_bytes);
		for (uint32_t i = 0; i < x->n; i++)
			FUZZ_ASSERT(fuzz_same(stb_schedule_cw(a, x, i), x->cw_bytes, stb_schedule_cw(b, y, i),
					      y->cw_bytes));
	}
}

static void check_messages(const struct base_errs *errs)
{
	FUZZ_ASSERT(errs->count > 0);
	for (size_t i = 0; i < errs->count; i++) {
		size_t row = 0;

		FUZZ_ASSERT(strncmp(errs->text[i], "keys:", 5) == 0);
		for (const char *c = errs->text[i]; *c; c++) {
			row = isxdigit((unsigned char)*c) ? row + 1 : 0;
			FUZZ_ASSERT(row < KEY_DIGITS);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *text = fuzz_exact(data, size);
	struct stb_schedule schedule, back;
	struct base_errs errs;
	size_t n;
	int rc;

	base_errs_init(&errs);
	rc = stb_schedule_parse(&schedule, (const char *)text, size, "keys", &errs);
	FUZZ_ASSERT(rc == 0 || rc == -EINVAL);
	if (rc == 0) {
		FUZZ_ASSERT(base_errs_none(&errs) && schedule.n > 0);
		for (size_t g = 0; g < schedule.n; g++)
			check_group(&schedule, &schedule.group[g]);

		char *again = write_out(&schedule, &n);

		FUZZ_ASSERT(stb_schedule_parse(&back, again, n, "again", &errs) == 0);
		check_same(&schedule, &back);
		stb_schedule_free(&back);
		free(again);
		stb_schedule_free(&schedule);
	} else {
		FUZZ_ASSERT(!schedule.group && !schedule.cws.bytes);
		check_messages(&errs);
	}
	free(text);
	return 0;
}
