// SPDX-License-Identifier: GPL-3.0-or-later
// The load of a worker: what its packets cost when every batch is paid at the price of a full one, over the ticks there
// were. A poll loop is always busy, and batches that go half empty because nothing more came cost what full ones cost;
// neither tells how much more the worker could take.
//
//   load = (ticks of the stages but scramble + sum over ciphers of lanes x ticks of a full batch / lanes of a full one)
//          / ticks of the second
//
// The ticks of a full batch are the mean of those of the second; without any, of the last second that had some; before
// there was one, of all batches: a bit-sliced cipher takes as long for a lane as for all.
//
// Threads: the worker's. Owns: nothing. Errors: none.
#pragma once

#include <base_clock.h>
#include <dp_stats.h>

#include "cipher/algorithm.h"

struct dp_worker;

// Where a cipher was at the last look.
struct dp_load_batch {
	uint64_t lanes, full, full_ticks;
	double lane_ticks; // ticks of a full batch over its lanes
};

struct dp_load {
	uint64_t looked_tick; // 0: never
	uint64_t stage_ticks; // of all stages but scramble, at the last look
	struct dp_load_batch batch[DP_ALGORITHMS];
};

// Looks at the worker's counters when a second has gone by, and tells its load there.
void dp_load_look(struct dp_worker *worker);
