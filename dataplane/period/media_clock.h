// SPDX-License-Identifier: GPL-3.0-or-later
// Media time of a scrambling group: the PCR of one of its services, unwrapped, steady across discontinuities, carried
// on by the wall clock while there is no PCR.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.2.2 (PCR interval at most 100 ms) and 2.7.10.
// Threads: the worker that owns the group, but for what main reads. Errors: none; jumps are counted.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <base_clock.h>

// A PCR step beyond this, or backwards, is a discontinuity and not time that went by.
#define DP_MEDIA_CLOCK_STEP_MAX_27MHZ (INT64_C(27000000) / 2)
// Without a PCR for this long the wall clock takes over. A stream that was only held up comes back sooner, and its
// crypto-periods keep their length.
#define DP_MEDIA_CLOCK_SILENCE_US 2000000

struct dp_media_clock {
	uint64_t now_27mhz;    // media time since the clock's first reading
	uint64_t last_pcr;     // as in the packet
	uint64_t last_tick;    // TSC when now_27mhz last moved
	uint64_t step_27mhz;   // by which it then moved
	uint64_t jumps;        // main reads
	uint64_t anchor_27mhz; // media time at anchor_tick, from where media time and the wall clock are compared
	uint64_t anchor_tick;
	bool started;  // last_tick holds
	bool anchored; // last_pcr holds: the PCR drives
	bool on_wall;  // the wall clock drives
};

// Live media time may fall behind the wall clock by this and an eighth, as when a network holds packets back; a PCR
// that is slower stands still or lies.
#define DP_MEDIA_CLOCK_BEHIND_27MHZ (2 * 27000000)

// Takes a PCR read at TSC `tick`. `discontinuity` is the packet's discontinuity_indicator.
// Across a discontinuity media time goes on by the wall clock, or stands still when `offline`.
void dp_media_clock_pcr(struct dp_media_clock *media, const struct base_clock *clock, uint64_t pcr_27mhz,
			bool discontinuity, uint64_t tick, bool offline);

// Lets the wall clock carry media time on after DP_MEDIA_CLOCK_SILENCE_US; not for offline inputs, which have none.
// Called from the first packet on: the first PCR after it is then where media time starts, so that equal streams
// have their edges at equal packets.
void dp_media_clock_idle(struct dp_media_clock *media, const struct base_clock *clock, uint64_t tick);
