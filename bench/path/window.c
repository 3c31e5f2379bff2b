// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/window.h"

#include <string.h>
#include <time.h>

enum {
	SLICE_US = 250,
	SLICE_PKTS = 1200, // so that slices are alike: each holds a batch of every cipher
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

void bench_window_init(struct bench_window *window, const struct dp_worker *worker, const struct base_clock *clock)
{
	*window = (struct bench_window){.worker = worker,
					.clock = clock,
					.slice_ticks = base_clock_ticks(clock, SLICE_US)};
}

static void look(struct bench_window *window, uint64_t tick)
{
	const struct dp_worker_stats *stats = &window->worker->stats;
	struct bench_count *now = &window->now;

	now->tick = tick;
	now->cpu_ns = bench_cpu_ns();
	now->ts_pkts = stats->ts_pkts;
	now->batches = stats->batches;
	now->lanes = stats->lanes;
	now->keys = stats->keys;
	memcpy(now->stage_ticks, stats->stage_ticks, sizeof(now->stage_ticks));
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

void bench_window_turn(struct bench_window *window, uint64_t tick, enum bench_phase phase)
{
	if (phase == window->phase && window->worker->stats.ts_pkts - window->began.ts_pkts < SLICE_PKTS)
		return;
	look(window, tick);
	if (window->phase == BENCH_MEASURE)
		end_slice(window);
	else if (phase == BENCH_MEASURE)
		window->good = window->all = (struct bench_count){0};
	window->phase = phase;
	window->began = window->now;
	window->next_tick = tick + window->slice_ticks;
}
