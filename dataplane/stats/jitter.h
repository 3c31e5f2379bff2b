// SPDX-License-Identifier: GPL-3.0-or-later
// How evenly the datagrams of an output leave, whatever PCRs say: by how much one interval between two departures
// differs from the next. It is the interarrival jitter of RFC 3550 for a sender that is even. After an interval of more
// than a second, an interruption, it begins anew.
//
// Refs: RFC 3550 6.4.1, A.8; docs/dataplane-stats.md. Threads: the worker that owns the output.
#pragma once

#include <base_clock.h>
#include <dp_stats.h>

#include "stats/delay.h"

// J += (D - J) / 16, where J is kept in sixteenths of D's unit.
static inline uint64_t dp_jitter_smooth(uint64_t smoothed, uint64_t deviation)
{
	return smoothed + deviation - ((smoothed + 8) >> 4);
}

// A datagram left at `tick`; when it is sampled (stats/delay.h), the histogram has it too.
static inline void dp_jitter_left(struct dp_jitter *jitter, const struct base_clock *clock, uint64_t tick, bool sampled)
{
	uint64_t interval = tick - jitter->last_tick, before = jitter->last_interval;
	bool goes_on = jitter->last_tick && interval <= clock->tsc_hz;

	jitter->last_tick = tick;
	// Datagrams of one burst leave at one tick: an interval of 0 ticks is one of 1, for 0 is none.
	jitter->last_interval = goes_on ? interval | !interval : 0;
	if (!goes_on || !before)
		return;
	uint64_t deviation = dp_delay_units(clock, interval > before ? interval - before : before - interval);

	if (sampled)
		dp_histogram_add(&jitter->deviation, deviation);
	dp_count_set(&jitter->smoothed, dp_jitter_smooth(jitter->smoothed, deviation));
}
