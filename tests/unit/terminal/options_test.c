// SPDX-License-Identifier: GPL-3.0-or-later
// The command line: what is understood, every mistake, keys blanked, groups chosen.
#include <stb_options.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <unit.h>

#define WORDS_MAX 32
#define KEY       "a1b2c3d4e5f60718a1b2c3d4e5f60718"

struct line {
	char text[512];
	char *argv[WORDS_MAX];
	struct stb_options options;
	struct base_errs errs;
	int rc;
};

static void parse(struct line *l, const char *text)
{
	int argc = 0;

	snprintf(l->text, sizeof(l->text), "bulkhead-terminal %s", text);
	for (char *word = strtok(l->text, " "); word && argc < WORDS_MAX - 1; word = strtok(NULL, " "))
		l->argv[argc++] = word;
	l->argv[argc] = NULL;
	base_errs_init(&l->errs);
	l->rc = stb_options_parse(&l->options, argc, l->argv, &l->errs);
}

static void understood(void)
{
	struct line l;

	parse(&l, "--input a.ts --output - --report r.json --schedule k --group 7=one --group all --algorithm cissa "
		  "--program 7 --program 65535 --seconds 3 --idle-ms 500 --filter 239.1.1.1:5000");
	CU_ASSERT_EQUAL_FATAL(l.rc, 0);
	CU_ASSERT_STRING_EQUAL(l.options.input, "a.ts");
	CU_ASSERT_STRING_EQUAL(l.options.output, "-");
	CU_ASSERT_STRING_EQUAL(l.options.report, "r.json");
	CU_ASSERT_STRING_EQUAL(l.options.filter, "239.1.1.1:5000");
	CU_ASSERT_EQUAL(l.options.algorithm, STB_CISSA);
	CU_ASSERT_EQUAL(l.options.wanted_n, 2);
	CU_ASSERT_EQUAL(l.options.wanted[1], 65535);
	CU_ASSERT_EQUAL(l.options.groups, 2);
	CU_ASSERT_EQUAL(l.options.group[0].program, 7);
	CU_ASSERT_STRING_EQUAL(l.options.group[0].name, "one");
	CU_ASSERT_EQUAL(l.options.group[1].program, 0);
	CU_ASSERT_STRING_EQUAL(l.options.group[1].name, "all");
	CU_ASSERT_EQUAL(l.options.seconds, 3);
	CU_ASSERT_EQUAL(l.options.idle_ms, 500);
}

static void keys_for_ecms(void)
{
	struct line l;

	parse(&l, "--input a.ts --keys terminal.keys");
	CU_ASSERT_EQUAL_FATAL(l.rc, 0);
	CU_ASSERT_STRING_EQUAL(l.options.keys, "terminal.keys");
	CU_ASSERT_EQUAL(l.options.ca_system_id, 0);
	parse(&l, "--input a.ts --keys terminal.keys --ca-system-id 0aBc");
	CU_ASSERT_EQUAL(l.rc, 0);
	CU_ASSERT_EQUAL(l.options.ca_system_id, 0x0ABC);
	parse(&l, "--input a.ts --ca-system-id 0x9");
	CU_ASSERT_EQUAL(l.rc, 0);
	CU_ASSERT_EQUAL(l.options.ca_system_id, 9);
}

static void mistakes(void)
{
	static const struct {
		const char *line, *words;
	} bad[] = {
		{"", "--input: is needed"},
		{"--input a --wrong", "see --help"},
		{"--input a --wrong=x", "--wrong: is no option of this program"},
		{"--input a -wrong", "argument 3: is no option of this program"},
		{"--input a --json=x", "--json: is no option of this program"},
		{"--input a --cw=x", "--cw: is no option of this program"},
		{"--input a extra", "argument 3: is no option;"},
		{"extra --input a", "argument 1: is no option;"},
		{"--input a -- extra", "argument 4: is no option;"},
		{"--input a --cw-even", "--cw-even: needs a value"},
		{"--input a --cw-odd 00 --cw-odd 00", "--cw-odd: is given twice"},
		{"--input a --algorithm csa3", "auto, csa1, csa2, cissa, idsa"},
		{"--input a --program 0", "1..65535"},
		{"--input a --program 65536", "1..65535"},
		{"--input a --program x", "1..65535"},
		{"--input a --seconds -1", "1..1000000"},
		{"--input a --idle-ms 0", "1..100000000"},
		{"--input a --schedule k --group x=one", "PROGRAM=NAME"},
		{"--input a --schedule k --group 1=one --group 1=two", "two groups for one programme"},
		{"--input a --schedule k --group one --group two", "two groups for all"},
		{"--input a --group one", "which is not given"},
		{"--input a --schedule k --cw-even 00", "one of the two"},
		{"--input a --keys k --schedule s", "--keys: lets ECMs open the stream"},
		{"--input a --keys k --cw-odd 00", "--keys: lets ECMs open the stream"},
		{"--input a --keys k --group one", "which is not given"},
		{"--input a --keys k --ca-system-id 0", "--ca-system-id: is 1 to 4 hexadecimal digits"},
		{"--input a --keys k --ca-system-id 12345", "--ca-system-id: is 1 to 4"},
		{"--input a --keys k --ca-system-id 0x", "--ca-system-id: is 1 to 4"},
		{"--input a --keys k --ca-system-id -1", "--ca-system-id: is 1 to 4"},
		{"--input a --keys k --ca-system-id 1g", "--ca-system-id: is 1 to 4"},
		{"--input a --output - --json", "standard output"},
		{"--input a --output - --report -", "standard output"},
		{"--input a --json --report -", "standard output"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct line l;

		parse(&l, bad[i].line);
		CU_ASSERT_EQUAL(l.rc, -EINVAL);
		CU_ASSERT_EQUAL(l.errs.count, 1);
		if (!strstr(l.errs.text[0], bad[i].words)) {
			printf("\n  %s: '%s'", bad[i].line, l.errs.text[0]);
			CU_FAIL("another message");
		}
	}
}

static void keys_are_blanked(void)
{
	struct line l;

	parse(&l, "--input a --cw-even 0011223344556677 --cw-odd ff11223344556677");
	CU_ASSERT_EQUAL_FATAL(l.rc, 0);
	CU_ASSERT_STRING_EQUAL(l.options.cw_even, "0011223344556677");
	CU_ASSERT_STRING_EQUAL(l.argv[6], "ff11223344556677");
	stb_options_wipe(&l.options);
	CU_ASSERT_PTR_NULL(l.options.cw_even);
	for (size_t i = 0; i < 16; i++)
		CU_ASSERT(l.argv[4][i] == 0 && l.argv[6][i] == 0);
}

// Wherever a mistyped line has its key, the messages hold no piece of it, and argv neither.
static void no_key_of_a_mistyped_line(void)
{
	static const char key[] = KEY;
	static const char *const lines[] = {
		"--input a --cw-evne=" KEY,
		"--input a --cw-evne " KEY,
		"--input a --cw=" KEY,
		"--input a --cw-even" KEY,
		"--input a --" KEY,
		"--input a -" KEY,
		"--input a -e " KEY,
		"--input a --json=" KEY,
		"--input a " KEY " --cw-even",
		KEY " --input a",
		"--input a -- " KEY,
		"--input a --cw-even " KEY " 00",
		"--cw-even " KEY,
		"--input a -e=" KEY " --cw-odd " KEY,
		"--input a --cw-odd " KEY " --cw-odd " KEY,
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l = {0};

		parse(&l, lines[i]);
		CU_ASSERT_EQUAL(l.rc, -EINVAL);
		CU_ASSERT(l.errs.count > 0);
		for (size_t k = 0; k + 4 < sizeof(key); k++) {
			char piece[5] = {0};

			memcpy(piece, key + k, 4);
			for (size_t e = 0; e < l.errs.count; e++)
				CU_ASSERT_PTR_NULL(strstr(l.errs.text[e], piece));
		}
		for (size_t k = sizeof("bulkhead-terminal"); k < sizeof(l.text); k++)
			if (strchr("0123456789", l.text[k]) && l.text[k])
				CU_FAIL("a digit is left in argv");
	}
}

static void choices(void)
{
	static const char two[] = "group a period_ms 0\ncp 0 even 0011223344556677\n"
				  "group b period_ms 0\ncp 0 even 0011223344556677\n";
	struct stb_receiver_config config = {0};
	struct stb_schedule schedule;
	struct line l;

	parse(&l, "--input a --schedule k");
	CU_ASSERT_EQUAL_FATAL(stb_schedule_parse(&schedule, two, sizeof(two) - 1, "k", &l.errs), 0);
	CU_ASSERT_EQUAL(stb_options_choose(&l.options, &schedule, &config, &l.errs), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(l.errs.text[0], "has 2 groups"));
	// A single group needs no choice.
	schedule.n = 1;
	CU_ASSERT_EQUAL(stb_options_choose(&l.options, &schedule, &config, &l.errs), 0);
	CU_ASSERT_EQUAL(config.choices, 1);
	CU_ASSERT_PTR_EQUAL(config.choice[0].group, &schedule.group[0]);
	schedule.n = 2;
	parse(&l, "--input a --schedule k --group 3=b --group a");
	CU_ASSERT_EQUAL(stb_options_choose(&l.options, &schedule, &config, &l.errs), 0);
	CU_ASSERT_EQUAL(config.choices, 2);
	CU_ASSERT_EQUAL(config.choice[0].program, 3);
	CU_ASSERT_PTR_EQUAL(config.choice[0].group, &schedule.group[1]);
	parse(&l, "--input a --schedule k --group c");
	CU_ASSERT_EQUAL(stb_options_choose(&l.options, &schedule, &config, &l.errs), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(l.errs.text[0], "no group 'c' in k"));
	stb_schedule_free(&schedule);
}

static const struct unit_test tests[] = {
	{"understood", understood},
	{"keys for ECMs", keys_for_ecms},
	{"mistakes", mistakes},
	{"keys are blanked", keys_are_blanked},
	{"no key of a mistyped line", no_key_of_a_mistyped_line},
	{"groups are chosen", choices},
};

UNIT_MAIN("options", tests)
