// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/pace.h"

// Between trials inputs go on slowly, so that media clocks do.
enum { IDLE_DGRAMS_PER_S = 20000 };

static void set_pace(struct bench_pace *pace, double dgrams_per_s)
{
	pace->line = (struct bench_line){.interval = dgrams_per_s > 0 ? (double)pace->hz / dgrams_per_s : 0,
					 .start = pace->own,
					 .first = pace->number};
}

void bench_pace_init(struct bench_pace *pace, const struct base_clock *clock)
{
	*pace = (struct bench_pace){.hz = clock->tsc_hz, .gap_ticks = base_clock_ticks(clock, BENCH_GAP_US)};
	set_pace(pace, IDLE_DGRAMS_PER_S);
}

void bench_pace_begin(struct bench_pace *pace, const struct bench_offer *offer)
{
	pace->offer = *offer;
	atomic_fetch_add_explicit(&pace->wanted, 1, memory_order_release);
}

bool bench_pace_done(const struct bench_pace *pace)
{
	return atomic_load_explicit(&pace->done, memory_order_acquire) ==
	       atomic_load_explicit(&pace->wanted, memory_order_relaxed);
}

static void note_gap(struct bench_pace *pace, uint64_t ticks)
{
	pace->now.gaps++;
	pace->now.gap_ticks += ticks;
	pace->now.longest_gap = ticks > pace->now.longest_gap ? ticks : pace->now.longest_gap;
	pace->gap_over = UINT64_MAX;
}

void bench_pace_enter(struct bench_pace *pace, uint64_t tick)
{
	uint64_t ticks = pace->look_tick ? tick - pace->look_tick : 0;

	pace->look_tick = tick;
	if (ticks > pace->gap_ticks) {
		note_gap(pace, ticks);
		ticks = pace->offer.without_gaps ? 0 : ticks;
	} else if (ticks > pace->now.longest) {
		pace->now.longest = ticks;
	}
	pace->own += ticks;
}

static void begin_measure(struct bench_pace *pace)
{
	pace->phase = BENCH_MEASURE;
	pace->phase_ends = pace->own + pace->offer.run_ticks;
	pace->now = (struct bench_pace_counts){.own_ticks = pace->own};
}

static void end_measure(struct bench_pace *pace)
{
	pace->result = pace->now;
	pace->result.own_ticks = pace->own - pace->now.own_ticks;
	pace->phase = BENCH_IDLE;
	set_pace(pace, IDLE_DGRAMS_PER_S);
}

bool bench_pace_turn(struct bench_pace *pace)
{
	unsigned done = atomic_load_explicit(&pace->done, memory_order_relaxed);

	if (pace->phase == BENCH_IDLE) {
		if (atomic_load_explicit(&pace->wanted, memory_order_acquire) == done)
			return false;
		pace->phase = BENCH_WARM;
		pace->phase_ends = pace->own + pace->offer.warm_ticks;
		pace->gap_over = 0;
		set_pace(pace, pace->offer.dgrams_per_s);
		pace->trial = pace->line;
		return true;
	}
	if (pace->own < pace->phase_ends)
		return false;
	if (pace->phase == BENCH_WARM)
		begin_measure(pace);
	else
		end_measure(pace);
	return true;
}

void bench_pace_finish(struct bench_pace *pace)
{
	atomic_fetch_add_explicit(&pace->done, 1, memory_order_release);
}

unsigned bench_pace_take(struct bench_pace *pace, unsigned n, unsigned *missed)
{
	unsigned asked = n;

	*missed = 0;
	if (pace->line.interval > 0) {
		uint64_t arrived = (uint64_t)((double)(pace->own - pace->line.start) / pace->line.interval) + 1;
		uint64_t waiting = arrived - (pace->number - pace->line.first);

		if (waiting > BENCH_DESCRIPTORS) {
			*missed = (unsigned)(waiting - BENCH_DESCRIPTORS);
			waiting = BENCH_DESCRIPTORS;
		}
		n = waiting < n ? (unsigned)waiting : n;
	}
	if (n < asked && pace->gap_over == UINT64_MAX)
		pace->gap_over = pace->own;
	pace->number += n + *missed;
	pace->now.missed += *missed;
	pace->missed_ever += *missed;
	pace->now.offered += n + *missed;
	return n;
}
