// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of `bulkhead-bench path`.
//
// Threads: main. Errors: -EINVAL, said on standard error.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_LIST_MAX = 8, BENCH_SERVICES_MAX = 1024, BENCH_WORKERS_MAX = 32, BENCH_RUNS_MAX = 99 };

// How the services of a case are scrambled. CLEAR is the plain forward of the same frames, measured with every case.
enum bench_mix { BENCH_CLEAR, BENCH_CSA2, BENCH_CISSA, BENCH_MIXED, BENCH_MIXES };

extern const char *const bench_mix_name[BENCH_MIXES];

struct bench_options {
	unsigned counts;
	unsigned services[BENCH_LIST_MAX];
	unsigned worker_counts;
	unsigned workers[BENCH_LIST_MAX];
	bool mix[BENCH_MIXES];
	unsigned run_ms; // of one run as fast as possible
	unsigned runs;
	unsigned trial_ms;  // of a paced trial of full length
	bool costs_only;    // no search, no latency
	uint32_t period_ms; // crypto-period; 0: fixed keys
	unsigned null_percent;
	bool hugepages;
	const char *json, *plots; // file and folder, or NULL; BORROWED
};

// 0, 1 when --help was answered, or -EINVAL.
int bench_options_parse(struct bench_options *options, int argc, char **argv);
