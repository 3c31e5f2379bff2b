// SPDX-License-Identifier: GPL-3.0-or-later
// Percentiles of delays, with and without those in gaps.
#include <stddef.h>

#include <unit.h>

#include "path/latency.h"

// 1000 delays of 1 to 1000 us in a mixed order; every tenth in a gap.
static void test_percentiles(void)
{
	struct bench_delays delays;
	struct bench_percentiles p;

	CU_ASSERT_EQUAL_FATAL(bench_delays_init(&delays, 1000), 0);
	for (unsigned i = 0; i < 1000; i++)
		bench_delays_add(&delays, 1 + i * 617 % 1000, (1 + i * 617 % 1000) % 10 == 0);
	p = bench_delays_percentiles(&delays, false);
	CU_ASSERT(p.n == 1000 && p.p50 == 500 && p.p90 == 900 && p.p99 == 990 && p.p999 == 999 && p.max == 1000);
	p = bench_delays_percentiles(&delays, true);
	CU_ASSERT(p.n == 900 && p.p50 == 499 && p.p90 == 899 && p.p99 == 989 && p.p999 == 999 && p.max == 999);
	bench_delays_add(&delays, 5000, false); // no room
	CU_ASSERT_EQUAL(bench_delays_percentiles(&delays, false).max, 1000);
	bench_delays_fini(&delays);
}

static void test_few(void)
{
	struct bench_delays delays;
	struct bench_percentiles p;

	CU_ASSERT_EQUAL_FATAL(bench_delays_init(&delays, 4), 0);
	p = bench_delays_percentiles(&delays, false);
	CU_ASSERT(p.n == 0 && p.p50 == 0 && p.max == 0);
	bench_delays_add(&delays, 7, true);
	p = bench_delays_percentiles(&delays, false);
	CU_ASSERT(p.n == 1 && p.p50 == 7 && p.p999 == 7 && p.max == 7);
	p = bench_delays_percentiles(&delays, true);
	CU_ASSERT(p.n == 0 && p.max == 0);
	bench_delays_fini(&delays);
}

static const struct unit_test tests[] = {{"percentiles", test_percentiles}, {"few", test_few}};

UNIT_MAIN("bench path latency", tests)
