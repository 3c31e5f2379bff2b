// SPDX-License-Identifier: GPL-3.0-or-later
// The clock against the kernel's, and its arithmetic on known rates.
//
// clock_gettime is wrapped (--wrap) so that it can fail or stand still.
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include <base_clock.h>

#include <unit.h>

#include "clock_rate.h"
#include "clock_trust.h"

static enum { CLOCK_RUNS, CLOCK_FAILS, CLOCK_STANDS } behaviour;

int __real_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	if (behaviour == CLOCK_RUNS)
		return __real_clock_gettime(id, ts);
	errno = EPERM;
	*ts = (struct timespec){.tv_sec = 1};
	return behaviour == CLOCK_STANDS ? 0 : -1;
}

static void read_pair(uint64_t *tsc, int64_t *ns)
{
	uint64_t gap_best = UINT64_MAX;

	for (int i = 0; i < 100; i++) {
		struct timespec ts;
		uint64_t before = base_clock_tsc();

		clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
		uint64_t gap = base_clock_tsc() - before;

		if (gap < gap_best) {
			gap_best = gap;
			*tsc = before + gap / 2;
			*ns = ts.tv_sec * 1000000000ll + ts.tv_nsec;
		}
	}
}

// 300 ppm is far above what tight pairs at both ends of 100 ms can be off (a pair is good to a microsecond even on a
// shared machine: 20 ppm), and far below the 1494 ppm that made this clock necessary. How long the sleep really lasts
// does not matter: both clocks are read again afterwards.
static void agrees_with_the_kernel(void)
{
	struct base_clock clock = {0};
	uint64_t tsc[2];
	int64_t ns[2];

	CU_ASSERT_EQUAL_FATAL(base_clock_calibrate(&clock, 100), 0);
	read_pair(&tsc[0], &ns[0]);
	nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	read_pair(&tsc[1], &ns[1]);

	int64_t kernel_us = (ns[1] - ns[0]) / 1000;
	int64_t ours_us = (int64_t)base_clock_us(&clock, tsc[1] - tsc[0]);
	int64_t apart_us = ours_us > kernel_us ? ours_us - kernel_us : kernel_us - ours_us;

	CU_ASSERT(kernel_us >= 100000);
	CU_ASSERT(apart_us * 1000000 <= kernel_us * 300);
	if (apart_us * 1000000 > kernel_us * 300)
		fprintf(stderr, "tsc_hz=%llu ours_us=%lld kernel_us=%lld\n", (unsigned long long)clock.tsc_hz,
			(long long)ours_us, (long long)kernel_us);

	uint64_t by_q32 = (uint64_t)(((base_clock_wide)1000000000000 * clock.us_per_tsc_q32) >> 32);
	uint64_t exact = base_clock_us(&clock, 1000000000000);

	CU_ASSERT((by_q32 > exact ? by_q32 - exact : exact - by_q32) <= exact / 1000000 + 1);
}

static void counter_runs_forward(void)
{
	uint64_t before = base_clock_tsc();

	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	CU_ASSERT(base_clock_tsc() > before);
}

static void refuses_a_duration_out_of_range(void)
{
	struct base_clock clock = {0};

	CU_ASSERT_EQUAL(base_clock_calibrate(&clock, 9), -EINVAL);
	CU_ASSERT_EQUAL(base_clock_calibrate(&clock, 1001), -EINVAL);
	CU_ASSERT_EQUAL(base_clock_calibrate(&clock, UINT_MAX), -EINVAL);
	CU_ASSERT_EQUAL(base_clock_calibrate(&clock, 10), 0);
	CU_ASSERT(clock.tsc_hz > 0);
}

static void names_the_kernels_failure(void)
{
	struct base_clock clock = {0};

	behaviour = CLOCK_FAILS;
	CU_ASSERT_EQUAL(base_clock_calibrate(&clock, 10), -EPERM);
	behaviour = CLOCK_STANDS;
	CU_ASSERT_EQUAL(base_clock_calibrate(&clock, 10), -ENOTSUP);
	behaviour = CLOCK_RUNS;
	CU_ASSERT_EQUAL(clock.tsc_hz, 0);
}

static void rate_of_three_readings(void)
{
	const struct base_clock_reading good[3] = {{1000, 500}, {15001000, 5000500}, {30001000, 10000500}};
	uint64_t hz = 0;

	CU_ASSERT_EQUAL(base_clock_rate(good, &hz), 0);
	CU_ASSERT_EQUAL(hz, 3000000000);
	// 64 bits do not hold ticks x ns of a second at 5 GHz.
	const struct base_clock_reading fast[3] = {{0, 0}, {2500000000, 500000000}, {5000000000, 1000000000}};

	CU_ASSERT_EQUAL(base_clock_rate(fast, &hz), 0);
	CU_ASSERT_EQUAL(hz, 5000000000);
}

static void rate_refuses_what_keeps_no_time(void)
{
	static const struct base_clock_reading bad[][3] = {
		{{5, 0}, {5, 5000000}, {5, 10000000}},               // stands still
		{{10000000, 0}, {5000000, 5000000}, {5, 9000000}},   // runs backwards
		{{0, 0}, {15000000, 5000000}, {15000000, 10000000}}, // stops half-way
		{{0, 7}, {15000000, 7}, {30000000, 7}},              // the kernel's clock stands
		{{0, 0}, {4990, 5000000}, {9980, 10000000}},         // below 1 MHz
		{{0, 0}, {15000000, 5000000}, {30031000, 10000000}}, // second half 2067 ppm faster
		{{0, 0}, {15031000, 5000000}, {30000000, 10000000}}, // second half slower
		{{0, 0}, {UINT64_MAX / 2, 1}, {UINT64_MAX, 2}},      // a rate past 64 bits
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t hz = 42;

		CU_ASSERT_EQUAL(base_clock_rate(bad[i], &hz), -ENOTSUP);
		CU_ASSERT_EQUAL(hz, 42);
	}
	// 800 ppm between the halves is still a clock.
	const struct base_clock_reading rough[3] = {{0, 0}, {15000000, 5000000}, {30012000, 10000000}};
	uint64_t hz = 0;

	CU_ASSERT_EQUAL(base_clock_rate(rough, &hz), 0);
	CU_ASSERT_EQUAL(hz, 3001200000);
}

static bool trusted(unsigned features_ecx, unsigned power_edx, char *cpuinfo)
{
	FILE *f = cpuinfo ? fmemopen(cpuinfo, strlen(cpuinfo), "r") : NULL;
	bool answer = base_clock_trusted(features_ecx, power_edx, f);

	if (f)
		fclose(f);
	return answer;
}

static void trust_comes_from_flag_guest_or_kernel(void)
{
	char constant[] = "processor\t: 0\nflags\t\t: fpu tsc constant_tsc nopl\n";
	char varying[] = "processor\t: 0\nmodel name\t: constant_tsc\nflags\t\t: fpu tsc\n";

	CU_ASSERT_TRUE(trusted(0, 0x100, NULL));
	CU_ASSERT_TRUE(trusted(0x80000000, 0, NULL));
	CU_ASSERT_TRUE(trusted(0, 0, constant));
	CU_ASSERT_FALSE(trusted(0, 0, varying));
	CU_ASSERT_FALSE(trusted(0x7fffffff, 0xfffffeff, NULL));
}

static void converts_exactly_up_to_a_day(void)
{
	static const uint64_t rates_hz[] = {1000000, 24000000, 1999999999, 2593906207, 3000000000, 5999999993};
	const uint64_t day_us = 86400000000;

	for (size_t i = 0; i < sizeof(rates_hz) / sizeof(rates_hz[0]); i++) {
		const struct base_clock clock = {.tsc_hz = rates_hz[i]};

		for (uint64_t us = 0; us <= day_us; us += 86399999) {
			CU_ASSERT_EQUAL(base_clock_us(&clock, base_clock_ticks(&clock, us)), us);
		}
		CU_ASSERT_EQUAL(base_clock_us(&clock, rates_hz[i] * 86400), day_us);
		CU_ASSERT_EQUAL(base_clock_ticks(&clock, day_us), rates_hz[i] * 86400);
		CU_ASSERT_EQUAL(base_clock_27mhz(&clock, rates_hz[i] * 86400), 27000000ull * 86400);
	}
}

static void rounds_waits_up_and_readings_down(void)
{
	const struct base_clock clock = {.tsc_hz = 2500001};

	CU_ASSERT_EQUAL(base_clock_ticks(&clock, 1), 3);
	CU_ASSERT_EQUAL(base_clock_us(&clock, 2), 0);
	CU_ASSERT_EQUAL(base_clock_us(&clock, 3), 1);
	CU_ASSERT_EQUAL(base_clock_27mhz(&clock, 1), 10);
	CU_ASSERT_EQUAL(base_clock_ticks(&clock, 0), 0);
}

static void saturates_and_does_not_wrap(void)
{
	const struct base_clock slow = {.tsc_hz = 1000000}, fast = {.tsc_hz = 3000000000};

	CU_ASSERT_EQUAL(base_clock_ticks(&fast, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(base_clock_27mhz(&slow, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(base_clock_us(&slow, UINT64_MAX), UINT64_MAX);
	CU_ASSERT_EQUAL(base_clock_us(&fast, UINT64_MAX), UINT64_MAX / 3000);
}

static const struct unit_test tests[] = {
	{"agrees with the kernel", agrees_with_the_kernel},
	{"the counter runs forward", counter_runs_forward},
	{"refuses a duration out of range", refuses_a_duration_out_of_range},
	{"names the kernel's failure", names_the_kernels_failure},
	{"rate of three readings", rate_of_three_readings},
	{"rate refuses what keeps no time", rate_refuses_what_keeps_no_time},
	{"trust comes from flag, guest or kernel", trust_comes_from_flag_guest_or_kernel},
	{"converts exactly up to a day", converts_exactly_up_to_a_day},
	{"rounds waits up and readings down", rounds_waits_up_and_readings_down},
	{"saturates and does not wrap", saturates_and_does_not_wrap},
};

UNIT_MAIN("base_clock", tests)
