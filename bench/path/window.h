// SPDX-License-Identifier: GPL-3.0-or-later
// The measured time of one worker: warm up, measure, done. The worker itself moves it on, between two passes of its
// loop, so that all its counters belong to one instant.
//
// Measured time is cut into slices of some packets; one in which the thread had less CPU time than the clock went on is
// left out: some other program, and not the dataplane, spent it.
//
// Threads: the worker's; main waits for `done`. Owns: nothing.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "worker/worker.h"

enum bench_phase { BENCH_WARM, BENCH_MEASURE, BENCH_DONE };

// What is counted. Every member is a uint64_t, so that two can be subtracted as wholes.
struct bench_count {
	uint64_t tick;
	uint64_t cpu_ns;       // that the thread has had
	uint64_t replay_ticks; // in the receive operation: ours, not the dataplane's
	uint64_t sink_ticks;   // in the transmit operation: ours
	struct dp_worker_stats worker;
};

struct bench_window {
	const struct dp_worker *worker;
	const struct base_clock *clock;
	uint64_t warm_ticks, slice_ticks, measure_ticks;
	uint64_t next_tick; // when to look again; 0: not started
	enum bench_phase phase;
	struct bench_count now;   // the sums that replay and sink keep, and the rest at the last look
	struct bench_count began; // the present slice
	struct bench_count good;  // sums over undisturbed slices
	struct bench_count all;   // over all
	atomic_bool done;
};

// Sets the times; all else is zero.
void bench_window_init(struct bench_window *window, const struct dp_worker *worker, const struct base_clock *clock,
		       unsigned warm_ms, unsigned measure_ms);

// Goes on to the next slice or phase.
void bench_window_turn(struct bench_window *window, uint64_t tick);

// Called at the start of every pass.
static inline void bench_window_tick(struct bench_window *window, uint64_t tick)
{
	if (tick >= window->next_tick)
		bench_window_turn(window, tick);
}

// CPU time of the calling thread.
uint64_t bench_cpu_ns(void);

// True when a thread that had `cpu_ns` of CPU time in `ticks` had the core to itself.
bool bench_undisturbed(const struct base_clock *clock, uint64_t ticks, uint64_t cpu_ns);
