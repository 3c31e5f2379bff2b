// SPDX-License-Identifier: GPL-3.0-or-later
// Schedules: what is good is read, every mistake is reported with its line and without key digits.
#include <stb_schedule.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ts_packet.h>
#include <unit.h>

struct reading {
	struct stb_schedule schedule;
	struct base_errs errs;
	int rc;
};

static void read_text(struct reading *r, const char *text)
{
	base_errs_init(&r->errs);
	r->rc = stb_schedule_parse(&r->schedule, text, strlen(text), "keys", &r->errs);
}

static void good(void)
{
	struct reading r;
	const struct stb_group *g;
	static const uint8_t first[8] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77};
	uint32_t index = 1;

	read_text(&r, "# a comment\n"
		      "\n"
		      "group one.A-b_2 period_ms 2000 repeat # another\r\n"
		      "\tcp 65534  even 0011223344556677\r\n"
		      "cp 65535 odd 8899aaBBccddeeff\n"
		      "cp 0 even 0123456789abcdef\n"
		      "cp 1 odd 0123456789abcdee\n"
		      "group two period_ms 0\n"
		      "cp 9 odd 00112233445566778899aabbccddeeff");
	CU_ASSERT_EQUAL_FATAL(r.rc, 0);
	CU_ASSERT(base_errs_none(&r.errs));
	CU_ASSERT_EQUAL(r.schedule.n, 2);
	g = stb_schedule_find(&r.schedule, "one.A-b_2");
	CU_ASSERT_PTR_NOT_NULL_FATAL(g);
	CU_ASSERT_EQUAL(g->period_ms, 2000);
	CU_ASSERT_EQUAL(g->n, 4);
	CU_ASSERT_EQUAL(g->cw_bytes, 8);
	CU_ASSERT_EQUAL(memcmp(stb_schedule_cw(&r.schedule, g, 0), first, 8), 0);
	CU_ASSERT_EQUAL(stb_schedule_cw(&r.schedule, g, 1)[0], 0x88);
	CU_ASSERT_EQUAL(stb_group_parity(g, 0), TS_TSC_EVEN);
	CU_ASSERT_EQUAL(stb_group_parity(g, 1), TS_TSC_ODD);
	CU_ASSERT_EQUAL(stb_group_parity(g, 2), TS_TSC_EVEN);
	CU_ASSERT(stb_group_next(g, &index) && index == 2);
	index = 3;
	CU_ASSERT(stb_group_next(g, &index) && index == 0);
	CU_ASSERT(stb_group_previous(g, &index) && index == 3);
	g = stb_schedule_find(&r.schedule, "two");
	CU_ASSERT_PTR_NOT_NULL_FATAL(g);
	CU_ASSERT_EQUAL(g->cw_bytes, 16);
	CU_ASSERT_EQUAL(stb_group_parity(g, 0), TS_TSC_ODD);
	CU_ASSERT_EQUAL(stb_schedule_cw(&r.schedule, g, 0)[15], 0xFF);
	index = 0;
	CU_ASSERT(!stb_group_next(g, &index));
	CU_ASSERT(!stb_group_previous(g, &index));
	CU_ASSERT_PTR_NULL(stb_schedule_find(&r.schedule, "three"));
	stb_schedule_free(&r.schedule);
}

// One text, one mistake, the line it must name and words it must say.
static void mistakes(void)
{
	static const struct {
		const char *text, *where, *words;
	} bad[] = {
		{"", "keys:1", "no group"},
		{"# nothing\n", "keys:1", "no group"},
		{"cp 0 even 0011223344556677\ngroup a period_ms 0\ncp 0 even 0011223344556677\n", "keys:1",
		 "below a group"},
		{"group a period_ms 0\n", "keys:1", "no cp"},
		{"hello\ngroup a period_ms 0\ncp 0 even 0011223344556677\n", "keys:1", "begins with"},
		{"group a\ncp 0 even 0011223344556677\n", "keys:1", "group NAME"},
		{"group a period 0\ncp 0 even 0011223344556677\n", "keys:1", "group NAME"},
		{"group a period_ms 2000 again\ncp 0 even 0011223344556677\n", "keys:1", "group NAME"},
		{"group a period_ms 2000 repeat 1\ncp 0 even 0011223344556677\ncp 1 odd 0011223344556677\n", "keys:1",
		 "group NAME"},
		{"group a/b period_ms 0\ncp 0 even 0011223344556677\n", "keys:1", "1..31"},
		{"group abcdefghijklmnopqrstuvwxyz012345 period_ms 0\ncp 0 even 0011223344556677\n", "keys:1", "1..31"},
		{"group a period_ms 999\ncp 0 even 0011223344556677\n", "keys:1", "1000..3600000"},
		{"group a period_ms 3600001\ncp 0 even 0011223344556677\n", "keys:1", "1000..3600000"},
		{"group a period_ms -1\ncp 0 even 0011223344556677\n", "keys:1", "1000..3600000"},
		{"group a period_ms -1\ncp 0 even 0011223344556677\ncp 1 odd 0011223344556677\n", "keys:1",
		 "1000..3600000"},
		{"group a period_ms 0\ncp 0 even 0011223344556677\ngroup a period_ms 0\ncp 0 even 0011223344556677\n",
		 "keys:3", "line 1"},
		{"group a period_ms 0\ncp 0 even\n", "keys:2", "cp NUMBER"},
		{"group a period_ms 0\ncp 0 even 0011223344556677 x\n", "keys:2", "cp NUMBER"},
		{"group a period_ms 0\ncp 65536 even 0011223344556677\n", "keys:2", "0..65535"},
		{"group a period_ms 0\ncp 99999999999999999999 even 0011223344556677\n", "keys:2", "0..65535"},
		{"group a period_ms 0\ncp 0 odd 0011223344556677\n", "keys:2", "even parity"},
		{"group a period_ms 0\ncp 1 even 0011223344556677\n", "keys:2", "even parity"},
		{"group a period_ms 0\ncp 1 both 0011223344556677\n", "keys:2", "the word"},
		{"group a period_ms 0\ncp 0 even 001122334455667\n", "keys:2", "16 or 32"},
		{"group a period_ms 0\ncp 0 even 00112233445566778\n", "keys:2", "16 or 32"},
		{"group a period_ms 0\ncp 0 even 001122334455667g\n", "keys:2", "16 or 32"},
		{"group a period_ms 1000\ncp 0 even 0011223344556677\ncp 1 odd 00112233445566770011223344556677\n",
		 "keys:3", "one length"},
		{"group a period_ms 1000\ncp 0 even 0011223344556677\ncp 3 odd 0011223344556677\n", "keys:3", "cp 1"},
		{"group a period_ms 0\ncp 0 even 0011223344556677\ncp 1 odd 0011223344556677\n", "keys:1",
		 "has one cp, not 2"},
		{"group a period_ms 1000 repeat\ncp 0 even 0011223344556677\n", "keys:1", "even number"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct reading r;

		read_text(&r, bad[i].text);
		CU_ASSERT_EQUAL(r.rc, -EINVAL);
		CU_ASSERT_EQUAL(r.errs.count, 1);
		if (r.errs.count != 1 || strncmp(r.errs.text[0], bad[i].where, strlen(bad[i].where)) != 0 ||
		    !strstr(r.errs.text[0], bad[i].words)) {
			printf("\n  mistake %zu: '%s'", i, r.errs.text[0]);
			CU_FAIL("another message");
		}
		CU_ASSERT_PTR_NULL(r.schedule.group);
		CU_ASSERT_PTR_NULL(r.schedule.cws.bytes);
	}
}

static void all_at_once_without_digits(void)
{
	struct reading r;

	read_text(&r, "group a period_ms 1\n"
		      "cp deadbeefdeadbeef even 0011223344556677\n"
		      "cp 1 deadbeefdeadbeef odd\n"
		      "deadbeefdeadbeef\n"
		      "cp 2 even deadbeefdeadbeex\n");
	CU_ASSERT_EQUAL(r.rc, -EINVAL);
	CU_ASSERT(r.errs.count >= 5);
	for (size_t i = 0; i < r.errs.count; i++)
		CU_ASSERT_PTR_NULL(strstr(r.errs.text[i], "deadbeef"));
}

static void limits(void)
{
	size_t capacity = 80 * 70000, at = 0;
	char *text = malloc(capacity);
	struct base_errs errs;
	struct stb_schedule schedule;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	at += (size_t)snprintf(text, capacity, "group a period_ms 1000 repeat\n");
	for (unsigned i = 0; i < STB_SCHEDULE_CPS_MAX; i++)
		at += (size_t)snprintf(text + at, capacity - at, "cp %u %s %016x\n", i, i & 1 ? "odd" : "even", i);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(stb_schedule_parse(&schedule, text, at, "keys", &errs), 0);
	CU_ASSERT_EQUAL(schedule.group[0].n, STB_SCHEDULE_CPS_MAX);
	CU_ASSERT_EQUAL(base_bytes_get32(stb_schedule_cw(&schedule, schedule.group, 65535) + 4), 65535);
	stb_schedule_free(&schedule);
	at += (size_t)snprintf(text + at, capacity - at, "cp 0 even 0000000000000000\ncp 1 odd 0000000000000000\n");
	CU_ASSERT_EQUAL(stb_schedule_parse(&schedule, text, at, "keys", &errs), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "more than 65536 cps"));
	at = 0;
	for (unsigned i = 0; i <= STB_SCHEDULE_GROUPS_MAX; i++)
		at += (size_t)snprintf(text + at, capacity - at, "group g%u period_ms 0\ncp 0 even %016x\n", i, i);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(stb_schedule_parse(&schedule, text, at, "keys", &errs), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "more than 1024 groups"));
	free(text);
}

static void file_must_be_closed(void)
{
	static const char text[] = "group a period_ms 0\ncp 0 even 0011223344556677\n";
	char path[] = "/tmp/stb_schedule_XXXXXX";
	int fd = mkstemp(path);
	struct reading r;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
	base_errs_init(&r.errs);
	CU_ASSERT_EQUAL(stb_schedule_load(&r.schedule, path, &r.errs), 0);
	stb_schedule_free(&r.schedule);
	CU_ASSERT_EQUAL(fchmod(fd, 0644), 0);
	CU_ASSERT_EQUAL(stb_schedule_load(&r.schedule, path, &r.errs), -EPERM);
	CU_ASSERT_EQUAL(r.errs.count, 1);
	CU_ASSERT_PTR_NULL(r.schedule.group);
	unlink(path);
	close(fd);
	CU_ASSERT_EQUAL(stb_schedule_load(&r.schedule, path, &r.errs), -ENOENT);
}

static void fixed(void)
{
	static const char a[] = "0011223344556677", b[] = "00112233445566778899aabbccddeeff";
	struct stb_schedule s;
	struct base_errs errs;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(stb_schedule_fixed(&s, a, "ff11223344556677", &errs), 0);
	CU_ASSERT_EQUAL(s.group->n, 2);
	CU_ASSERT_EQUAL(s.group->period_ms, 0);
	CU_ASSERT_EQUAL(stb_group_parity(s.group, 0), TS_TSC_EVEN);
	CU_ASSERT_EQUAL(stb_schedule_cw(&s, s.group, 1)[0], 0xFF);
	stb_schedule_free(&s);
	CU_ASSERT_EQUAL_FATAL(stb_schedule_fixed(&s, NULL, b, &errs), 0);
	CU_ASSERT_EQUAL(s.group->n, 1);
	CU_ASSERT_EQUAL(s.group->cw_bytes, 16);
	CU_ASSERT_EQUAL(stb_group_parity(s.group, 0), TS_TSC_ODD);
	stb_schedule_free(&s);
	CU_ASSERT(base_errs_none(&errs));
	CU_ASSERT_EQUAL(stb_schedule_fixed(&s, a, b, &errs), -EINVAL);
	CU_ASSERT_EQUAL(stb_schedule_fixed(&s, "00", NULL, &errs), -EINVAL);
	CU_ASSERT_EQUAL(stb_schedule_fixed(&s, NULL, "001122334455667x", &errs), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 3);
	CU_ASSERT_PTR_NULL(s.cws.bytes);
}

static const struct unit_test tests[] = {
	{"a good schedule", good},
	{"each mistake by line", mistakes},
	{"all at once, no key digits", all_at_once_without_digits},
	{"limits", limits},
	{"the file must be closed to others", file_must_be_closed},
	{"fixed keys", fixed},
};

UNIT_MAIN("schedule", tests)
