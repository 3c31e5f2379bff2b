// SPDX-License-Identifier: GPL-3.0-or-later
// The time of day for people, as the operator's documents give it.
//
// Threads: any.
#pragma once

#include <time.h>

// Seconds since 1970-01-01 UTC.
static inline double cp_walltime_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)(now.tv_nsec / 1000000) / 1000;
}
