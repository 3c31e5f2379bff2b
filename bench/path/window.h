// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker counts in the measured time of a trial. The worker itself reads it, between two passes of its loop, so
// that all counters belong to one instant.
//
// Measured time is cut into slices of some packets; one in which the thread had less CPU time than the clock went on is
// left out: some other program, and not the dataplane, spent it.
//
// Threads: the worker's; main reads when the trial is over. Owns: nothing.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "path/pace.h"
#include "worker/worker.h"

// What is counted. Every member is a uint64_t, so that two can be subtracted as wholes.
struct bench_count {
	uint64_t tick;
	uint64_t cpu_ns;       // that the thread has had
	uint64_t replay_ticks; // in the receive operation: ours, not the dataplane's
	uint64_t sink_ticks;   // in the transmit operation: ours
	uint64_t ts_pkts, batches, lanes, keys;
	uint64_t stage_ticks[DP_STAGES];
};

struct bench_window {
	const struct dp_worker *worker;
	const struct base_clock *clock;
	uint64_t slice_ticks;
	uint64_t next_tick; // when to look again
	enum bench_phase phase;
	struct bench_count now;   // the sums that replay and sink keep, and the rest at the last look
	struct bench_count began; // the present slice
	struct bench_count good;  // sums over undisturbed slices
	struct bench_count all;   // over all
};

void bench_window_init(struct bench_window *window, const struct dp_worker *worker, const struct base_clock *clock);

// Goes on to the next slice, or to another phase.
void bench_window_turn(struct bench_window *window, uint64_t tick, enum bench_phase phase);

// Called at the start of every pass.
static inline void bench_window_tick(struct bench_window *window, uint64_t tick, enum bench_phase phase)
{
	if (phase != window->phase || (phase == BENCH_MEASURE && tick >= window->next_tick))
		bench_window_turn(window, tick, phase);
}

// CPU time of the calling thread.
uint64_t bench_cpu_ns(void);

// True when a thread that had `cpu_ns` of CPU time in `ticks` had the core to itself.
bool bench_undisturbed(const struct base_clock *clock, uint64_t ticks, uint64_t cpu_ns);
