// SPDX-License-Identifier: GPL-3.0-or-later
// The key file: what is good, and every mistake by file and line and without a key digit.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <unit.h>

#include "source/keyfile.h"

static struct dp_keyfile keyfile;
static struct base_errs errs;

static int parse_n(const char *text, size_t n)
{
	base_errs_init(&errs);
	return dp_keyfile_parse(&keyfile, text, n, "k", &errs);
}

static int parse(const char *text)
{
	return parse_n(text, strlen(text));
}

static void good(void)
{
	const struct dp_keyfile_group *g;

	CU_ASSERT_EQUAL_FATAL(parse("# comment\n\n"
				    "group alpha period_ms 2000 repeat # trailing\n"
				    "cp 4 even 0011223344556677\n"
				    "\tcp  5 odd 8899AABBccddeeff#no blank\r\n"
				    "group b-._9 period_ms 0\n"
				    "cp 65535 odd 000102030405060708090a0b0c0d0e0f"),
			      0);
	CU_ASSERT_TRUE(base_errs_none(&errs));
	CU_ASSERT_EQUAL(keyfile.groups, 2);
	g = dp_keyfile_find(&keyfile, "alpha");
	CU_ASSERT_PTR_NOT_NULL_FATAL(g);
	CU_ASSERT_TRUE(g->period_ms == 2000 && g->repeat && g->cps == 2 && g->cw_bytes == 8);
	CU_ASSERT_TRUE(g->first_cp_number == 4 && g->line == 3);
	CU_ASSERT_EQUAL(memcmp(dp_keyfile_cw(&keyfile, g, 0), "\x00\x11\x22\x33\x44\x55\x66\x77", 8), 0);
	CU_ASSERT_EQUAL(memcmp(dp_keyfile_cw(&keyfile, g, 1), "\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 8), 0);
	g = dp_keyfile_find(&keyfile, "b-._9");
	CU_ASSERT_PTR_NOT_NULL_FATAL(g);
	CU_ASSERT_TRUE(g->period_ms == 0 && !g->repeat && g->cps == 1 && g->cw_bytes == 16);
	CU_ASSERT_EQUAL(dp_keyfile_cw(&keyfile, g, 0)[15], 0x0F);
	CU_ASSERT_PTR_NULL(dp_keyfile_find(&keyfile, "alph"));
	dp_keyfile_free(&keyfile);
	CU_ASSERT_PTR_NULL(keyfile.group);
}

static void good_at_the_edges(void)
{
	CU_ASSERT_EQUAL(parse("group a period_ms 1000\ncp 65535 odd 0011223344556677\ncp 0 even 0011223344556677"), 0);
	dp_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL(parse("group a period_ms 3600000\ncp 0 even 0011223344556677"), 0);
	dp_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL(parse("group abcdefghijklmnopqrstuvwxyz01234 period_ms 0\ncp 0 even 0011223344556677"), 0);
	dp_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL(parse(""), 0);
	CU_ASSERT_EQUAL(keyfile.groups, 0);
	dp_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL(parse("\n#\n \n"), 0);
	dp_keyfile_free(&keyfile);
}

#define GROUP "group a period_ms 2000\n"
#define CP0   "cp 0 even 5ec7e7a15ec7e7a1\n"

// One mistake each: the text, the start and a part of its message.
static const struct {
	const char *text, *start, *part;
} mistakes[] = {
	{"grou a period_ms 2000\n", "k:1: ", "starts with group, cp or #"},
	{GROUP CP0 "5ec7e7a15ec7e7a1\n", "k:3: ", "starts with group, cp or #"},
	{"group a\n", "k:1: ", "expected: group NAME"},
	{"group a period 2000\n", "k:1: ", "expected: group NAME"},
	{"group a period_ms 2000 twice\n", "k:1: ", "expected: group NAME"},
	{"group a period_ms 2000 repeat x\n", "k:1: ", "expected: group NAME"},
	{"group a period_ms 2000 repeat x y z\n", "k:1: ", "expected: group NAME"},
	{"group a/b period_ms 2000\n", "k:1: ", "a group name has"},
	{"group abcdefghijklmnopqrstuvwxyz012345 period_ms 2000\n", "k:1: ", "a group name has"},
	{"group \xc3\xa4 period_ms 2000\n", "k:1: ", "a group name has"},
	{"group a period_ms 999\n", "k:1: ", "period_ms is 0"},
	{"group a period_ms 3600001\n", "k:1: ", "period_ms is 0"},
	{"group a period_ms -1\n", "k:1: ", "period_ms is 0"},
	{"group a period_ms 2s\n", "k:1: ", "period_ms is 0"},
	{"group a period_ms 9999999999999999999999\n", "k:1: ", "period_ms is 0"},
	{GROUP CP0 "group a period_ms 2000\n", "k:3: ", "group a is there twice"},
	{GROUP, "k:1: ", "has no cp lines"},
	{"\n" GROUP "group b period_ms 2000\n" CP0, "k:2: ", "has no cp lines"},
	{"group a period_ms 2000 repeat\n" CP0, "k:1: ", "repeats 1 crypto-periods"},
	{"group a period_ms 0\n" CP0 "cp 1 odd 5ec7e7a15ec7e7a1\n", "k:1: ", "a fixed key, and 2 cp lines"},
	{CP0, "k:1: ", "before a good group line"},
	{GROUP CP0 "cp 1 odd\n", "k:3: ", "expected: cp NUMBER"},
	{GROUP CP0 "cp 1 odd 5ec7e7a15ec7e7a1 x\n", "k:3: ", "expected: cp NUMBER"},
	{GROUP CP0 "cp 65536 even 5ec7e7a15ec7e7a1\n", "k:3: ", "expected: cp NUMBER"},
	{GROUP CP0 "cp x odd 5ec7e7a15ec7e7a1\n", "k:3: ", "expected: cp NUMBER"},
	{GROUP CP0 "cp 1 both 5ec7e7a15ec7e7a1\n", "k:3: ", "expected: cp NUMBER"},
	{GROUP CP0 "cp 5ec7e7a15ec7e7a1 odd 1\n", "k:3: ", "expected: cp NUMBER"},
	{GROUP CP0 "cp 1 even 5ec7e7a15ec7e7a1\n", "k:3: ", "the other parity"},
	{GROUP CP0 "cp 2 even 5ec7e7a15ec7e7a1\n", "k:3: ", "crypto-period 2 does not follow 0"},
	{GROUP CP0 "cp 0 even 5ec7e7a15ec7e7a1\n", "k:3: ", "crypto-period 0 does not follow 0"},
	{GROUP CP0 "cp 1 odd 5ec7e7a15ec7e7\n", "k:3: ", "16 hexadecimal digits"},
	{GROUP CP0 "cp 1 odd 5ec7e7a15ec7e7a\n", "k:3: ", "16 hexadecimal digits"},
	{GROUP CP0 "cp 1 odd 5ec7e7a15ec7e7ag\n", "k:3: ", "16 hexadecimal digits"},
	{GROUP CP0 "cp 1 odd 5ec7e7a15ec7e7a15ec7e7a15ec7e7a15ec7e7a1\n", "k:3: ", "16 hexadecimal digits"},
	{GROUP CP0 "cp 1 odd 5ec7e7a15ec7e7a15ec7e7a15ec7e7a1\n", "k:3: ", "a CW of 16 bytes in a group of 8"},
};

static void every_mistake(void)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		CU_ASSERT_EQUAL(parse(mistakes[i].text), -EINVAL);
		CU_ASSERT_PTR_NULL(keyfile.group); // nothing is held
		CU_ASSERT_PTR_NULL(keyfile.cws.bytes);
		CU_ASSERT_EQUAL(errs.count, 1);
		if (errs.count != 1 || strncmp(errs.text[0], mistakes[i].start, 5) != 0 ||
		    !strstr(errs.text[0], mistakes[i].part)) {
			printf("\n%zu: \"%s\"\n", i, errs.count ? errs.text[0] : "");
			CU_FAIL("another message");
		}
		for (size_t k = 0; k < errs.count; k++)
			CU_ASSERT_PTR_NULL(strcasestr(errs.text[k], "5ec7"));
	}
}

static void all_at_once(void)
{
	CU_ASSERT_EQUAL(parse("x\ngroup a period_ms 5\n" CP0 GROUP "cp 1 even 5ec7e7a15ec7e7a1\ncp 0 even zz\n"),
			-EINVAL);
	CU_ASSERT_EQUAL_FATAL(errs.count, 6); // and the group without a cp line
	static const char *const start[] = {"k:1: ", "k:2: ", "k:3: ", "k:5: ", "k:6: ", "k:4: "};

	for (size_t i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(strncmp(errs.text[i], start[i], 5), 0);
}

// A zero byte is no character of a name, and does not end one.
static void zero_bytes(void)
{
	static const char in_name[] = "group a\0b period_ms 2000\ncp 0 even 0011223344556677\n";
	static const char alone[] = "group \0 period_ms 2000\ncp 0 even 0011223344556677\n";
	static const char in_cw[] = GROUP "cp 0 even 00112233\0004556677\n";

	CU_ASSERT_EQUAL(parse_n(in_name, sizeof(in_name) - 1), -EINVAL);
	CU_ASSERT_EQUAL(parse_n(alone, sizeof(alone) - 1), -EINVAL);
	CU_ASSERT_EQUAL(parse_n(in_cw, sizeof(in_cw) - 1), -EINVAL);
}

static char *long_text(unsigned groups, unsigned cps)
{
	size_t room = 64u + groups * 40u + (size_t)cps * 32u, used = 0;
	char *text = malloc(room);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (unsigned g = 0; g < groups; g++) {
		used += (size_t)snprintf(text + used, room - used, "group g%u period_ms 2000\n", g);
		for (unsigned i = 0; i < cps / groups; i++)
			used += (size_t)snprintf(text + used, room - used, "cp %u %s 0011223344556677\n", i & 0xFFFF,
						 i & 1 ? "odd" : "even");
	}
	return text;
}

static void limits(void)
{
	char *text = long_text(DP_KEYFILE_GROUPS_MAX, DP_KEYFILE_GROUPS_MAX);

	CU_ASSERT_EQUAL(parse(text), 0);
	CU_ASSERT_EQUAL(keyfile.groups, DP_KEYFILE_GROUPS_MAX);
	dp_keyfile_free(&keyfile);
	free(text);
	text = long_text(DP_KEYFILE_GROUPS_MAX + 1, DP_KEYFILE_GROUPS_MAX + 1);
	CU_ASSERT_EQUAL(parse(text), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "k:2049: more than 1024 groups"));
	free(text);
	text = long_text(1, DP_KEYFILE_CPS_MAX);
	CU_ASSERT_EQUAL(parse(text), 0);
	CU_ASSERT_EQUAL(keyfile.group[0].cps, DP_KEYFILE_CPS_MAX);
	dp_keyfile_free(&keyfile);
	free(text);
	text = long_text(1, DP_KEYFILE_CPS_MAX + 1);
	CU_ASSERT_EQUAL(parse(text), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "k:65538: more than 65536 crypto-periods"));
	free(text);
}

static int load_with_mode(const char *text, mode_t mode)
{
	char path[] = "/tmp/bulkhead-keyfile-XXXXXX";
	int fd = mkstemp(path), rc;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	CU_ASSERT_EQUAL_FATAL(fchmod(fd, mode), 0);
	close(fd);
	base_errs_init(&errs);
	rc = dp_keyfile_load(&keyfile, path, &errs);
	CU_ASSERT_TRUE(rc == 0 || strncmp(errs.text[0], path, strlen(path)) == 0);
	unlink(path);
	return rc;
}

static void loaded(void)
{
	CU_ASSERT_EQUAL(load_with_mode(GROUP CP0, 0600), 0);
	CU_ASSERT_EQUAL(keyfile.groups, 1);
	dp_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL(load_with_mode(GROUP CP0, 0400), 0);
	dp_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL(load_with_mode(GROUP CP0, 0640), -EPERM);
	CU_ASSERT_EQUAL(load_with_mode(GROUP CP0, 0604), -EPERM);
	CU_ASSERT_EQUAL(load_with_mode(GROUP CP0, 0620), -EPERM);
	CU_ASSERT_PTR_NULL(keyfile.group);
	CU_ASSERT_EQUAL(load_with_mode(GROUP "cp 0 even 5ec7\n", 0600), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], ":2: "));
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(dp_keyfile_load(&keyfile, "/nonexistent/keys", &errs), -ENOENT);
	CU_ASSERT_EQUAL(dp_keyfile_load(&keyfile, "/tmp", &errs) < 0, 1);
	CU_ASSERT_PTR_NULL(keyfile.group);
	dp_keyfile_free(&keyfile); // of what was never loaded
}

static const struct unit_test tests[] = {
	{"good", good},
	{"good at the edges", good_at_the_edges},
	{"every mistake", every_mistake},
	{"all at once", all_at_once},
	{"zero bytes", zero_bytes},
	{"limits", limits},
	{"loaded", loaded},
};

UNIT_MAIN("keyfile", tests)
