// SPDX-License-Identifier: GPL-3.0-or-later
// What one trial gave, summed over workers.
//
// Threads: main. Owns: nothing.
#pragma once

#include <stdbool.h>

#include "path/latency.h"
#include "path/sample.h"
#include "path/verdict.h"

struct bench_outcome {
	uint64_t offered_pkts;
	uint64_t missed_pkts;  // found the receive ring full
	uint64_t dropped_pkts; // by the dataplane, by name
	uint64_t named_pkts;   // of both, before and after the measured time too: breaks of continuity come of them
	uint64_t guard_drops;  // of these, by the guard
	struct bench_watch_counts watched;
	struct bench_verdict_counts verdict;
	uint64_t gaps;
	double gap_share;  // of the time
	double longest_us; // between two looks at the clock, gaps aside
	uint64_t extended; // crypto-periods that went on because the next was not there
};

// Share of the packets offered that did not come out.
double bench_outcome_loss(const struct bench_outcome *outcome);

// True when nothing left that may not leave, and what was not lost by name came out whole.
bool bench_outcome_sound(const struct bench_outcome *outcome);

// What is wrong, on standard error.
void bench_outcome_explain(const struct bench_outcome *outcome);
