// SPDX-License-Identifier: GPL-3.0-or-later
// The time of the status document: seconds since 1970-01-01 UTC. Threads: any.
#pragma once

#include <time.h>

static inline double cas_clock_utc(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
