// SPDX-License-Identifier: GPL-3.0-or-later
// The search for NDR and PDR, given systems whose answer is known.
#include <errno.h>
#include <stddef.h>

#include <unit.h>

#include "path/search.h"

// Loses what is over its capacity, of which a burst of `ring` packets is not lost.
struct made {
	double capacity, ring;
	unsigned offers, longest_ms, fails_at;
	double highest;
};

static int offer(void *context, double rate, unsigned ms, double *loss)
{
	struct made *made = context;
	double sent = rate * ms / 1000, over = (rate - made->capacity) * ms / 1000 - made->ring;

	made->offers++;
	made->longest_ms = ms > made->longest_ms ? ms : made->longest_ms;
	made->highest = rate > made->highest ? rate : made->highest;
	if (made->offers == made->fails_at)
		return -EIO;
	*loss = over > 0 ? over / sent : 0;
	return 0;
}

static const struct bench_search no_loss = {.width = 0.005, .highest = 12e6, .ms = 1000, .phases = 3};

static void check(double capacity, double guess)
{
	struct made made = {.capacity = capacity};
	struct bench_bracket bracket;

	CU_ASSERT_EQUAL(bench_search_run(&no_loss, guess, offer, &made, &bracket), 0);
	CU_ASSERT(bracket.holds <= capacity && bracket.holds >= 0.99 * capacity);
	CU_ASSERT(bracket.breaks > capacity && bracket.breaks - bracket.holds <= 0.005 * bracket.breaks);
	CU_ASSERT_EQUAL(bracket.trials, made.offers);
	CU_ASSERT_EQUAL(made.longest_ms, 1000);
	CU_ASSERT(made.offers < 60);
}

static void test_from_every_side(void)
{
	check(10e6, 10e6);
	check(10e6, 10.5e6);
	check(10e6, 2e6);
	check(3e6, 11e6);
	check(100e3, 10e6);
}

// A receive ring hides in short trials what a long one shows.
static void test_short_trials_do_not_decide(void)
{
	struct made made = {.capacity = 5e6, .ring = 7000};
	struct bench_bracket bracket;

	CU_ASSERT_EQUAL(bench_search_run(&no_loss, 10e6, offer, &made, &bracket), 0);
	CU_ASSERT(bracket.holds <= 5e6 + 7000 && bracket.holds > 4.97e6);
}

static void test_some_loss(void)
{
	struct bench_search half_percent = no_loss;
	struct made made = {.capacity = 5e6};
	struct bench_bracket bracket;

	half_percent.loss = 0.005;
	CU_ASSERT_EQUAL(bench_search_run(&half_percent, 5e6, offer, &made, &bracket), 0);
	CU_ASSERT(bracket.holds <= 5e6 / 0.995 && bracket.holds > 5e6 / 0.995 * 0.99);
}

static void test_nothing_breaks(void)
{
	struct made made = {.capacity = 1e9};
	struct bench_bracket bracket;

	CU_ASSERT_EQUAL(bench_search_run(&no_loss, 1e6, offer, &made, &bracket), 0);
	CU_ASSERT_EQUAL(bracket.holds, 12e6);
	CU_ASSERT_EQUAL(bracket.breaks, 0);
	CU_ASSERT_EQUAL(made.highest, 12e6);
}

static void test_nothing_holds(void)
{
	struct made made = {.capacity = 0};
	struct bench_bracket bracket;

	CU_ASSERT_EQUAL(bench_search_run(&no_loss, 1e6, offer, &made, &bracket), 0);
	CU_ASSERT_EQUAL(bracket.holds, 0);
	CU_ASSERT(made.offers < 60);
}

static void test_errors_end_it(void)
{
	struct made made = {.capacity = 5e6, .fails_at = 4};
	struct bench_bracket bracket;

	CU_ASSERT_EQUAL(bench_search_run(&no_loss, 1e6, offer, &made, &bracket), -EIO);
	CU_ASSERT_EQUAL(made.offers, 4);
}

static const struct unit_test tests[] = {
	{"from every side", test_from_every_side},
	{"short trials do not decide", test_short_trials_do_not_decide},
	{"some loss", test_some_loss},
	{"nothing breaks", test_nothing_breaks},
	{"nothing holds", test_nothing_holds},
	{"errors end it", test_errors_end_it},
};

UNIT_MAIN("bench path search", tests)
