// SPDX-License-Identifier: GPL-3.0-or-later
// What one run of one case gave, the middle of several runs, and all that is known of a case.
//
// Threads: main. Owns: nothing.
#pragma once

#include <stdint.h>

#include <dp_stats.h>

#include "path/latency.h"
#include "path/options.h"
#include "path/search.h"

enum { BENCH_LATENCIES = 3, BENCH_CASES_MAX = BENCH_LIST_MAX * BENCH_LIST_MAX * BENCH_MIXES };

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
	double bare;         // datagrams from replay to sink with another header, and nothing else
	double undisturbed;  // share of the time in which no other program took a core of ours; only that is counted
	uint64_t pkts;       // measured
};

// What a case is, apart from the options.
struct bench_lineup {
	unsigned services, workers;
	enum bench_mix mix;
};

// Delays at a share of NDR. A datagram's is from the arrival of its last packet, a packet's from its own arrival, and
// so with the time its datagram took to fill.
struct bench_latency {
	double share;                           // of NDR
	double loss;                            // where gaps of the machine are time like any other
	struct bench_percentiles all, quiet;    // of datagrams; quiet: outside gaps
	struct bench_percentiles quiet_packets; // of packets
};

// What all trials of a case saw.
struct bench_trials {
	unsigned n, unsound;
	uint64_t watched_pkts, opened_pkts;
	uint64_t gaps;
	double gap_share, longest_us; // the largest of any trial
};

struct bench_case {
	struct bench_lineup lineup;
	unsigned runs;
	struct bench_sample sample[BENCH_RUNS_MAX];
	bool searched;
	struct bench_bracket ndr, pdr; // packets a second
	struct bench_latency latency[BENCH_LATENCIES];
	struct bench_trials trials;
	uint64_t memory_bytes; // of the dataplane: heap, packet buffers, key arena
	uint64_t rss_bytes;    // of the whole process
};

// The run whose total is the median: one run, so that its parts add up.
const struct bench_sample *bench_case_middle(const struct bench_case *c);

// The median over the runs of one number of a sample, or of its ratio to the same run of another case.
typedef double bench_number_fn(const struct bench_sample *sample);
double bench_case_median(const struct bench_case *c, bench_number_fn *number);
double bench_case_ratio(const struct bench_case *c, const struct bench_case *base, bench_number_fn *number);

// Smallest and largest total of the runs.
void bench_case_range(const struct bench_case *c, double *lowest, double *highest);

// Numbers to give to the above.
double bench_number_rate(const struct bench_sample *sample);
double bench_number_total(const struct bench_sample *sample);
double bench_number_kernel_rate_ratio(const struct bench_sample *sample); // all packets of the path to the kernel's
double bench_number_lane_rate_ratio(const struct bench_sample *sample);   // only those that are scrambled
