// SPDX-License-Identifier: GPL-3.0-or-later
// The rate of a counter from three readings.
#include "clock_rate.h"

#include <errno.h>

#define NS_PER_S     1000000000u
#define HZ_MIN       1000000u
#define UNSTEADY_PPM 1000u

// Ticks per second between two readings, rounded; 0 when either did not move forward.
static uint64_t rate_hz(const struct base_clock_reading *a, const struct base_clock_reading *b)
{
	if (b->tsc <= a->tsc || b->ns <= a->ns)
		return 0;
	base_clock_wide ticks_ns = (base_clock_wide)(b->tsc - a->tsc) * NS_PER_S;
	uint64_t ns = b->ns - a->ns;
	base_clock_wide hz = (ticks_ns + ns / 2) / ns;

	return hz > UINT64_MAX ? 0 : (uint64_t)hz;
}

int base_clock_rate(const struct base_clock_reading r[3], uint64_t *hz)
{
	uint64_t first = rate_hz(&r[0], &r[1]);
	uint64_t second = rate_hz(&r[1], &r[2]);
	uint64_t whole = rate_hz(&r[0], &r[2]);
	uint64_t apart = first > second ? first - second : second - first;

	if (first == 0 || second == 0 || whole < HZ_MIN)
		return -ENOTSUP;
	if ((base_clock_wide)apart * 1000000u > (base_clock_wide)whole * UNSTEADY_PPM)
		return -ENOTSUP;
	*hz = whole;
	return 0;
}
