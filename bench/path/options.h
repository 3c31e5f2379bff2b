// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of `bulkhead-bench path`.
//
// Threads: main. Errors: -EINVAL, said on standard error.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_SERVICE_COUNTS_MAX = 8, BENCH_SERVICES_MAX = 256, BENCH_RUNS_MAX = 99 };

// How the services of a case are scrambled. CLEAR is the plain forward of the same frames, measured with every case.
enum bench_mix { BENCH_CLEAR, BENCH_CSA2, BENCH_CISSA, BENCH_MIXED, BENCH_MIXES };

extern const char *const bench_mix_name[BENCH_MIXES];

struct bench_options {
	unsigned counts;
	unsigned services[BENCH_SERVICE_COUNTS_MAX];
	bool mix[BENCH_MIXES];
	unsigned window_ms; // of one run
	unsigned workers;
	unsigned runs;
	uint32_t period_ms; // crypto-period in stream time; 0: fixed keys
	unsigned rate_kbps; // of one service, for PCR and PSI
	unsigned null_percent;
	bool json;
};

// 0, 1 when --help was answered, or -EINVAL.
int bench_options_parse(struct bench_options *options, int argc, char **argv);
