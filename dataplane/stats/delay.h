// SPDX-License-Identifier: GPL-3.0-or-later
// The delay that is added to packets: from the poll that received one to the call that gives it to its port.
//
// All packets of a datagram leave at once, so its oldest packet has waited longest. Of every datagram the oldest packet
// is counted for the worker; of one in eight, for each service in it, the oldest packet of that: a thousand services
// have a thousand histograms, which no cache holds beside the packets. What is made here has no delay.
//
// Refs: docs/dataplane-stats.md. Threads: the worker that owns the output.
#pragma once

#include <base_clock.h>

#include "lineup/lineup.h"
#include "stage/dgram.h"

// Intervals beyond it count as it: 13 s of a TSC of 2.6 GHz, and no overflow with a counter of 10 MHz.
#define DP_DELAY_TICKS_MAX (UINT64_C(1) << 35)

// Ticks in units of a histogram, sixteenths of a microsecond.
static inline uint64_t dp_delay_units(const struct base_clock *clock, uint64_t ticks)
{
	return (ticks < DP_DELAY_TICKS_MAX ? ticks : DP_DELAY_TICKS_MAX) * clock->us_per_tsc_q32 >> 28;
}

// The counters of two processors may differ by a little: what would have left before it came has no delay.
static inline uint64_t dp_delay_ticks(uint64_t arrived_tick, uint64_t left_tick)
{
	return left_tick > arrived_tick ? left_tick - arrived_tick : 0;
}

// True for the datagrams whose times count for their services and outputs. Multiples of the golden ratio are spread
// evenly over the circle, and so are those of every n-th datagram: whoever takes turns is met by it as often as others.
static inline bool dp_delay_samples(uint64_t serial)
{
	return (serial * UINT64_C(0x9E3779B97F4A7C15)) >> 61 == 0;
}

// A packet of the service that arrived then has got a slot of the datagram.
static inline void dp_delay_note(struct dp_dgram *dgram, struct dp_service *service, uint64_t arrived_tick)
{
	if (!dgram->oldest_tick)
		dgram->oldest_tick = arrived_tick;
	if (!dgram->sampled || service->stats.delay_datagram == dgram->serial)
		return;
	service->stats.delay_datagram = dgram->serial;
	dgram->delay[dgram->delays++] = (struct dp_delay){.service = service, .arrived_tick = arrived_tick};
}
