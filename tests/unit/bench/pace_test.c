// SPDX-License-Identifier: GPL-3.0-or-later
// Arrivals on the worker's own clock: pace, misses, gaps. Time is made here; a tick is a nanosecond.
#include <stddef.h>

#include <unit.h>

#include "path/pace.h"

enum { HZ = 1000000000, US = 1000, PASS = 10 * US, BURST = 32 };

static const struct base_clock nanoseconds = {.tsc_hz = HZ, .us_per_tsc_q32 = (UINT64_C(1) << 32) / 1000};

// A worker that takes a burst a pass of 10 us, and replay and sink that take 5 us more.
struct made {
	struct bench_pace pace;
	uint64_t tick;
	unsigned taken, missed;
};

static void pass(struct made *made, uint64_t ticks)
{
	unsigned missed;

	made->tick += ticks;
	bench_pace_enter(&made->pace, made->tick);
	if (bench_pace_turn(&made->pace) && made->pace.phase == BENCH_IDLE)
		bench_pace_finish(&made->pace);
	unsigned n = bench_pace_take(&made->pace, BURST, &missed);

	if (made->pace.phase == BENCH_MEASURE) {
		made->taken += n;
		made->missed += missed;
	}
	made->tick += 5 * US;
	bench_pace_leave(&made->pace, made->tick);
}

static void begin(struct made *made, double dgrams_per_s, bool without_gaps)
{
	const struct bench_offer offer = {.dgrams_per_s = dgrams_per_s,
					  .warm_ticks = 1000 * US,
					  .run_ticks = 100000 * US,
					  .without_gaps = without_gaps};

	*made = (struct made){.tick = 12345};
	bench_pace_init(&made->pace, &nanoseconds);
	pass(made, PASS);
	CU_ASSERT(bench_pace_done(&made->pace));
	bench_pace_begin(&made->pace, &offer);
	while (made->pace.phase != BENCH_MEASURE)
		pass(made, PASS);
}

static void run(struct made *made)
{
	while (!bench_pace_done(&made->pace))
		pass(made, PASS);
}

static bool near(uint64_t value, uint64_t wanted)
{
	return value * 100 >= wanted * 99 && value * 100 <= wanted * 101;
}

// 100 ms of the own clock, whatever replay and sink took.
static void test_pace(void)
{
	struct made made;

	begin(&made, 1e6, true);
	run(&made);
	CU_ASSERT(near(made.taken, 100000) && made.missed == 0);
	CU_ASSERT(near(made.pace.result.own_ticks, 100000 * US));
	CU_ASSERT(made.pace.result.offered >= made.taken && made.pace.result.missed == 0 && made.pace.result.gaps == 0);
	CU_ASSERT_EQUAL(made.pace.result.longest, PASS);
	CU_ASSERT_EQUAL(bench_pace_arrival(&made.pace, made.pace.trial.first), made.pace.trial.start);
	CU_ASSERT_EQUAL(bench_pace_arrival(&made.pace, made.pace.trial.first + 50), made.pace.trial.start + 50 * US);
}

// The worker takes 3.2 million a second at most; all that is offered above, but for a ring, is missed.
static void test_overload(void)
{
	struct made made;

	begin(&made, 4e6, true);
	run(&made);
	CU_ASSERT(near(made.pace.result.offered, 400000));
	CU_ASSERT(near(made.pace.result.missed, 80000));
	CU_ASSERT(made.pace.missed_ever >= made.pace.result.missed);
}

static void test_as_fast_as_taken(void)
{
	struct made made;

	begin(&made, 0, true);
	run(&made);
	CU_ASSERT(near(made.taken, 320000) && made.missed == 0);
}

// A gap of 3 ms at a million a second: 3000 arrive in it, 1024 wait, the others are missed; it is over when those
// that waited have been taken.
static void test_gap_is_time(void)
{
	struct made made;

	begin(&made, 1e6, false);
	pass(&made, 3000 * US);
	CU_ASSERT_EQUAL(made.pace.gap_over, UINT64_MAX);
	CU_ASSERT(made.missed > 1900 && made.missed < 2000);
	uint64_t own = made.pace.own;

	while (made.pace.gap_over == UINT64_MAX)
		pass(&made, PASS);
	CU_ASSERT(made.pace.gap_over > own + 30 * PASS && made.pace.gap_over < own + 100 * PASS);
	run(&made);
	CU_ASSERT(made.pace.result.gaps == 1 && made.pace.result.longest_gap == 3000 * US);
	CU_ASSERT_EQUAL(made.pace.result.gap_ticks, 3000 * US);
}

static void test_gap_is_taken_out(void)
{
	struct made made;

	begin(&made, 1e6, true);
	pass(&made, 3000 * US);
	run(&made);
	CU_ASSERT(made.missed == 0 && made.pace.result.gaps == 1);
	CU_ASSERT(near(made.taken, 100000) && near(made.pace.result.own_ticks, 100000 * US));
}

// What is not more than 100 us is the loop's own.
static void test_no_gap(void)
{
	struct made made;

	begin(&made, 1e6, true);
	pass(&made, 100 * US);
	run(&made);
	CU_ASSERT(made.pace.result.gaps == 0 && made.pace.result.longest == 100 * US);
}

static void test_untake(void)
{
	struct made made;
	unsigned missed;

	begin(&made, 0, true);
	uint64_t number = made.pace.number;

	CU_ASSERT_EQUAL(bench_pace_take(&made.pace, 8, &missed), 8);
	bench_pace_untake(&made.pace, 3);
	CU_ASSERT_EQUAL(made.pace.number, number + 5);
}

static const struct unit_test tests[] = {
	{"pace", test_pace},
	{"overload", test_overload},
	{"as fast as taken", test_as_fast_as_taken},
	{"a gap is time", test_gap_is_time},
	{"a gap is taken out", test_gap_is_taken_out},
	{"no gap", test_no_gap},
	{"untake", test_untake},
};

UNIT_MAIN("bench path pace", tests)
