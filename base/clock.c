// SPDX-License-Identifier: GPL-3.0-or-later
// The time stamp counter: is it fit to keep time, how fast is it, and what do its ticks mean.
#include <base_clock.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <base_check.h>

#include "clock_rate.h"
#include "clock_trust.h"

#define PAIRS 32

#if defined(__x86_64__)
static bool counter_invariant(void)
{
	unsigned a, b, c, d, features_ecx = 0, power_edx = 0;
	FILE *cpuinfo = fopen("/proc/cpuinfo", "re");

	__get_cpuid(1, &a, &b, &features_ecx, &d);
	__get_cpuid(0x80000007, &a, &b, &c, &power_edx);
	bool trusted = base_clock_trusted(features_ecx, power_edx, cpuinfo);

	if (cpuinfo)
		fclose(cpuinfo);
	return trusted;
}
#else
// The generic timer of Arm counts at a constant rate by architecture.
static bool counter_invariant(void)
{
	return true;
}
#endif

// The pair (counter, clock) whose two counter reads lie closest together: nothing interrupted it.
static int read_tightest(struct base_clock_reading *best)
{
	uint64_t gap_best = UINT64_MAX;

	for (int i = 0; i < PAIRS; i++) {
		struct timespec ts;
		uint64_t before = base_clock_tsc();

		if (clock_gettime(CLOCK_MONOTONIC_RAW, &ts) < 0)
			return -errno;
		uint64_t gap = base_clock_tsc() - before;

		if (gap >= gap_best)
			continue;
		gap_best = gap;
		best->tsc = before + gap / 2;
		best->ns = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	}
	return 0;
}

static void sleep_us(unsigned us)
{
	struct timespec left = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

int base_clock_calibrate(struct base_clock *clock, unsigned ms)
{
	struct base_clock_reading r[3];
	uint64_t hz;
	int rc;

	if (ms < 10 || ms > 1000)
		return -EINVAL;
	if (!counter_invariant())
		return -ENOTSUP;
	for (int i = 0; i < 3; i++) {
		if (i > 0)
			sleep_us(ms * 500);
		rc = read_tightest(&r[i]);
		if (rc < 0)
			return rc;
	}
	rc = base_clock_rate(r, &hz);
	if (rc < 0)
		return rc;
	clock->tsc_hz = hz;
	clock->us_per_tsc_q32 = (uint64_t)((((base_clock_wide)1000000 << 32) + hz / 2) / hz);
	return 0;
}

// v * mul / div, saturating: a far-away deadline must not wrap into the past.
static uint64_t scale(uint64_t v, uint64_t mul, uint64_t div, uint64_t round_up)
{
	DCHECK(div > 0);
	base_clock_wide result = ((base_clock_wide)v * mul + round_up) / div;

	return result > UINT64_MAX ? UINT64_MAX : (uint64_t)result;
}

uint64_t base_clock_us(const struct base_clock *clock, uint64_t ticks)
{
	return scale(ticks, 1000000, clock->tsc_hz, 0);
}

// Rounded up: a wait is never short, and base_clock_us gives the same microseconds back.
uint64_t base_clock_ticks(const struct base_clock *clock, uint64_t us)
{
	return scale(us, clock->tsc_hz, 1000000, 999999);
}

uint64_t base_clock_27mhz(const struct base_clock *clock, uint64_t ticks)
{
	return scale(ticks, 27000000, clock->tsc_hz, 0);
}
