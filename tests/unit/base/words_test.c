// SPDX-License-Identifier: GPL-3.0-or-later
// Words of a line: blanks, comments, the limit, numbers.
#include <base_words.h>

#include <errno.h>
#include <string.h>

#include <unit.h>

enum { MAX = 3 };

static size_t split(struct base_word *words, const char *line)
{
	return base_words_split(words, MAX, line, strlen(line));
}

static void finds_words(void)
{
	struct base_word words[MAX];

	CU_ASSERT_EQUAL(split(words, ""), 0);
	CU_ASSERT_EQUAL(split(words, " \t\r"), 0);
	CU_ASSERT_EQUAL(split(words, "# all of it"), 0);
	CU_ASSERT_EQUAL(split(words, "\tone  two#three"), 2);
	CU_ASSERT_TRUE(base_words_is(&words[0], "one") && base_words_is(&words[1], "two"));
	CU_ASSERT_FALSE(base_words_is(&words[0], "on") || base_words_is(&words[0], "ones"));
	CU_ASSERT_EQUAL(split(words, "a b c"), MAX);
	CU_ASSERT_EQUAL(split(words, "a b c # d"), MAX);
	CU_ASSERT_EQUAL(split(words, "a b c d e"), MAX + 1);
}

static void ends_with_the_line(void)
{
	struct base_word words[MAX];

	CU_ASSERT_EQUAL(base_words_split(words, MAX, "one two", 5), 2);
	CU_ASSERT_TRUE(base_words_is(&words[1], "t"));
}

static int64_t number(const char *text)
{
	return base_words_number(&(struct base_word){text, strlen(text)});
}

static void reads_numbers(void)
{
	CU_ASSERT_EQUAL(number("0"), 0);
	CU_ASSERT_EQUAL(number("0065535"), 65535);
	CU_ASSERT_EQUAL(number("999999999"), 999999999);
	CU_ASSERT_EQUAL(number("1000000000"), -EINVAL);
	CU_ASSERT_EQUAL(number(""), -EINVAL);
	CU_ASSERT_EQUAL(number("-1"), -EINVAL);
	CU_ASSERT_EQUAL(number("1x"), -EINVAL);
	CU_ASSERT_EQUAL(number(" 1"), -EINVAL);
}

static const struct unit_test tests[] = {
	{"finds words", finds_words},
	{"ends with the line", ends_with_the_line},
	{"reads numbers", reads_numbers},
};

UNIT_MAIN("base_words", tests)
