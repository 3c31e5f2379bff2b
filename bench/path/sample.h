// SPDX-License-Identifier: GPL-3.0-or-later
// What one run of one case gave, and the middle of several runs.
//
// Threads: main. Owns: nothing.
#pragma once

#include <stdint.h>

#include <dp_stats.h>

#include "path/options.h"

// Ticks are of the TSC and per transport packet taken in, unless a name says otherwise.
struct bench_sample {
	double pkts_per_s;      // of all workers, with the time of replay and sink taken off
	double wall_pkts_per_s; // as it ran, replay and sink included
	double stage[DP_STAGES];
	double other; // the loop, housekeeping, and what no stage accounts for
	double total;
	double replay, sink; // not in total
	double lanes, keys;  // per batch; 0 without batches
	double lane_share;   // packets in a lane, of all
	double check;        // dp_stage_guard again on datagrams that left, all in L2; is in stage[DP_STAGE_GUARD]
	double note;         // dp_guard_note on lanes; times lane_share it is in stage[DP_STAGE_SLOT]
	double kernel;       // the cipher alone, full batches, per lane
	double undisturbed;  // share of the time in which no other program took a core of ours; only that is counted
	uint64_t pkts;       // measured
	uint64_t checked_pkts;
	uint64_t wrong_pkts;
	uint64_t guard_drops, other_drops, continuity_errors;
	uint64_t periods, extended;
};

struct bench_case {
	unsigned services;
	enum bench_mix mix;
	unsigned runs;
	struct bench_sample sample[BENCH_RUNS_MAX];
};

enum { BENCH_CASES_MAX = BENCH_SERVICE_COUNTS_MAX * BENCH_MIXES };

// The run whose total is the median: one run, so that its parts add up.
const struct bench_sample *bench_case_middle(const struct bench_case *c);

// The median over the runs of one number of a sample, or of its ratio to the same run of another case.
typedef double bench_number(const struct bench_sample *sample);
double bench_case_median(const struct bench_case *c, bench_number *number);
double bench_case_ratio(const struct bench_case *c, const struct bench_case *base, bench_number *number);

// Smallest and largest total of the runs.
void bench_case_range(const struct bench_case *c, double *lowest, double *highest);

// Numbers to give to the above.
double bench_number_rate(const struct bench_sample *sample);
double bench_number_kernel_rate_ratio(const struct bench_sample *sample); // of the path's rate to the kernel's
