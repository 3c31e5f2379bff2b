// SPDX-License-Identifier: GPL-3.0-or-later
// The list of mistakes: entries, cutting, overflow and printing.
#include <stdlib.h>
#include <string.h>

#include <base_err.h>

#include <unit.h>

static struct base_errs errs;

static void entry_is_where_and_message(void)
{
	base_errs_init(&errs);
	CU_ASSERT_TRUE(base_errs_none(&errs));
	base_errs_add(&errs, "/services/3", "is %d; %s is expected", 7, "1 to 5");
	CU_ASSERT_FALSE(base_errs_none(&errs));
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_STRING_EQUAL(errs.text[0], "/services/3: is 7; 1 to 5 is expected");
	base_errs_init(&errs);
	CU_ASSERT_TRUE(base_errs_none(&errs));
}

// The longest message that fits stands whole, one byte more is cut and shows it.
static void long_entries_are_cut_visibly(void)
{
	base_errs_init(&errs);
	base_errs_add(&errs, "w", "%0252d", 1);
	CU_ASSERT_EQUAL(strlen(errs.text[0]), 255);
	CU_ASSERT_STRING_EQUAL(errs.text[0] + 251, "0001");
	base_errs_add(&errs, "w", "%0253d", 1);
	CU_ASSERT_EQUAL(strlen(errs.text[1]), 255);
	CU_ASSERT_STRING_EQUAL(errs.text[1] + 251, "0...");
}

static void long_where_is_cut_visibly(void)
{
	char where[400];

	memset(where, 'w', sizeof(where));
	where[399] = '\0';
	base_errs_init(&errs);
	base_errs_add(&errs, where, "message");
	CU_ASSERT_EQUAL(strlen(errs.text[0]), 255);
	CU_ASSERT_STRING_EQUAL(errs.text[0] + 251, "w...");
}

static void entry_stays_one_line(void)
{
	base_errs_init(&errs);
	base_errs_add(&errs, "/a\nb", "\x1b[2J\x7f\xc3\xa9 %s", "\r\t");
	CU_ASSERT_STRING_EQUAL(errs.text[0], "/a?b: ?[2J?\xc3\xa9 ??");
}

static void full_list_counts_what_it_loses(void)
{
	base_errs_init(&errs);
	for (int i = 0; i < BASE_ERRS_MAX + 3; i++)
		base_errs_add(&errs, "w", "%d", i);
	CU_ASSERT_EQUAL(errs.count, BASE_ERRS_MAX);
	CU_ASSERT_EQUAL(errs.lost, 3);
	CU_ASSERT_STRING_EQUAL(errs.text[BASE_ERRS_MAX - 1], "w: 63");
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(errs.lost, 0);
}

static void print_is_a_line_per_entry(void)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	base_errs_init(&errs);
	base_errs_print(&errs, out, "p: ");
	base_errs_add(&errs, "a", "one");
	base_errs_add(&errs, "b", "two %%");
	base_errs_print(&errs, out, "p: ");
	errs.lost = 5;
	base_errs_print(&errs, out, "");
	fclose(out);
	CU_ASSERT_STRING_EQUAL(text, "p: a: one\np: b: two %\na: one\nb: two %\nand 5 more\n");
	free(text);
}

static const struct unit_test tests[] = {
	{"an entry is where and message", entry_is_where_and_message},
	{"long entries are cut visibly", long_entries_are_cut_visibly},
	{"a long where is cut visibly", long_where_is_cut_visibly},
	{"an entry stays one line", entry_stays_one_line},
	{"a full list counts what it loses", full_list_counts_what_it_loses},
	{"print is a line per entry", print_is_a_line_per_entry},
};

UNIT_MAIN("base_err", tests)
