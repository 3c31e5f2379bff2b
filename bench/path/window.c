// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/window.h"

#include <time.h>

enum {
	SLICE_US = 250,
	SLICE_PKTS = 1200, // so that slices are alike: each holds a batch of every cipher
	TIMES_MAX = 10,    // at most so many times the measured time, when much of it is disturbed
	COUNTS = sizeof(struct bench_count) / sizeof(uint64_t),
};

uint64_t bench_cpu_ns(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool bench_undisturbed(const struct base_clock *clock, uint64_t ticks, uint64_t cpu_ns)
{
	return (double)cpu_ns * 1e-9 * (double)clock->tsc_hz >= 0.98 * (double)ticks;
}

void bench_window_init(struct bench_window *window, const struct dp_worker *worker, const struct base_clock *clock,
		       unsigned warm_ms, unsigned measure_ms)
{
	*window = (struct bench_window){
		.worker = worker,
		.clock = clock,
		.warm_ticks = base_clock_ticks(clock, warm_ms * UINT64_C(1000)),
		.slice_ticks = base_clock_ticks(clock, SLICE_US),
		.measure_ticks = base_clock_ticks(clock, measure_ms * UINT64_C(1000)),
	};
}

// Adds what was counted since the slice began.
static void add(struct bench_count *sum, const struct bench_count *began, const struct bench_count *now)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)began, *at = (const uint64_t *)now;

	for (unsigned i = 0; i < COUNTS; i++)
		to[i] += at[i] - from[i];
}

static void end_slice(struct bench_window *window)
{
	add(&window->all, &window->began, &window->now);
	if (bench_undisturbed(window->clock, window->now.tick - window->began.tick,
			      window->now.cpu_ns - window->began.cpu_ns))
		add(&window->good, &window->began, &window->now);
}

void bench_window_turn(struct bench_window *window, uint64_t tick)
{
	if (window->next_tick == 0) {
		window->next_tick = tick + window->warm_ticks;
		return;
	}
	if (window->phase == BENCH_MEASURE && window->worker->stats.ts_pkts - window->began.worker.ts_pkts < SLICE_PKTS)
		return;
	window->now.tick = tick;
	window->now.cpu_ns = bench_cpu_ns();
	window->now.worker = window->worker->stats;
	if (window->phase == BENCH_MEASURE)
		end_slice(window);
	window->began = window->now;
	window->next_tick = tick + window->slice_ticks;
	window->phase = BENCH_MEASURE;
	if (window->good.tick < window->measure_ticks && window->all.tick < TIMES_MAX * window->measure_ticks)
		return;
	window->phase = BENCH_DONE;
	window->next_tick = UINT64_MAX;
	atomic_store_explicit(&window->done, true, memory_order_release);
}
