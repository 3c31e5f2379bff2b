// SPDX-License-Identifier: GPL-3.0-or-later
// When datagrams arrive at one worker. Replay and sink run on the worker's own core, where a NIC would work beside it;
// so arrivals go by a clock of the worker's own that stands still while they run.
//
// A gap is more than BENCH_GAP_US between two looks at this clock: every pass of the loop and every burst sent looks.
// The longest that the loop does between two looks is a batch or 32 datagrams through the stages, about 40 us; what
// takes longer is the machine's: another program, or the hypervisor. While gaps are taken out, this clock stands
// still in them too. A gap is over when the loop next takes all that waits: until then packets wait behind those that
// came in it.
//
// A receive ring of BENCH_DESCRIPTORS holds what has arrived and was not taken; what finds it full is missed.
//
// Threads: the worker's; main sets a trial while none runs, and reads results when it is over.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <base_clock.h>

enum { BENCH_GAP_US = 100, BENCH_DESCRIPTORS = 1024 };

enum bench_phase { BENCH_IDLE, BENCH_WARM, BENCH_MEASURE };

// What is offered, for how long.
struct bench_offer {
	double dgrams_per_s;            // of this worker; 0: as fast as they are taken
	uint64_t warm_ticks, run_ticks; // of the own clock
	bool without_gaps;              // gaps are taken out of the own clock
};

// Datagrams arrive on a line.
struct bench_line {
	double interval; // own ticks from one to the next; 0: as fast as they are taken
	uint64_t start;  // own clock when the first arrived
	uint64_t first;  // its number
};

struct bench_pace_counts {
	uint64_t offered, missed; // datagrams
	uint64_t own_ticks;
	uint64_t gaps, gap_ticks, longest_gap;
	uint64_t longest; // between two looks, gaps aside
};

struct bench_pace {
	uint64_t hz, gap_ticks; // of the TSC
	struct bench_offer offer;
	atomic_uint wanted, done; // trials: main counts up `wanted`, the worker follows with `done`

	enum bench_phase phase;
	struct bench_line line;  // of arrivals, now
	struct bench_line trial; // of the last trial
	uint64_t look_tick;      // TSC of the last look
	uint64_t own;            // the own clock at it
	uint64_t number;         // of the next datagram
	uint64_t phase_ends;     // own clock

	struct bench_pace_counts now, result; // of the phase; of the last trial's measured time
	uint64_t missed_ever;                 // datagrams, in any phase
	uint64_t gap_over; // own clock when the last gap was over; UINT64_MAX: not yet; 0: there was none
};

void bench_pace_init(struct bench_pace *pace, const struct base_clock *clock);

// Main: begins a trial; and true when it is over.
void bench_pace_begin(struct bench_pace *pace, const struct bench_offer *offer);
bool bench_pace_done(const struct bench_pace *pace);

// The worker enters replay or sink at TSC `tick`, and leaves it.
void bench_pace_enter(struct bench_pace *pace, uint64_t tick);
static inline void bench_pace_leave(struct bench_pace *pace, uint64_t tick)
{
	pace->look_tick = tick;
}

// Once a pass, after bench_pace_enter: goes on to the next phase when it is time. True when the phase has changed; when
// it is BENCH_IDLE, the worker calls bench_pace_finish after it has put its results where main reads them.
bool bench_pace_turn(struct bench_pace *pace);
void bench_pace_finish(struct bench_pace *pace);

// Datagrams that may be taken now, `n` at most. Those that were missed come first: *missed are to be thrown away.
unsigned bench_pace_take(struct bench_pace *pace, unsigned n, unsigned *missed);

// So many of the last could not be taken after all: they go on waiting.
static inline void bench_pace_untake(struct bench_pace *pace, unsigned n)
{
	pace->number -= n;
	pace->now.offered -= n;
}

// Own clock when the datagram of this number arrived, in the last trial, which had a pace.
static inline uint64_t bench_pace_arrival(const struct bench_pace *pace, uint64_t number)
{
	return pace->trial.start + (uint64_t)((double)(number - pace->trial.first) * pace->trial.interval);
}
