// SPDX-License-Identifier: GPL-3.0-or-later
// The measured figures that a plan stands on, read from what `bulkhead-bench path` and `kernel` wrote.
//
// Refs: bench/baseline/, bench/README.md (what is measured).
// Threads: one owner. Owns: everything inline. Errors: -EINVAL with the list, which names the run that is missing.
#pragma once

#include <stdbool.h>

#include <base_err.h>

#include "plan/services.h"

enum { BENCH_BASELINE_RATES_MAX = 256, BENCH_BASELINE_RUN_BYTES = 320 };

// No-loss rate of one case.
struct bench_baseline_rate {
	unsigned kind, services, workers;
	double pps;
};

// What several workers carried in a case, over as many times what one did in the same run.
struct bench_baseline_share {
	unsigned workers;
	double share;
};

struct bench_baseline_memory {
	unsigned services;
	double bytes;
};

struct bench_baseline {
	char path_run[BENCH_BASELINE_RUN_BYTES];   // file, date, commit and processor of the run
	char kernel_run[BENCH_BASELINE_RUN_BYTES]; // "": there is none
	unsigned rates, shares, memories;
	struct bench_baseline_rate rate[BENCH_BASELINE_RATES_MAX];
	struct bench_baseline_share share[BENCH_BASELINE_RATES_MAX];
	struct bench_baseline_memory memory[BENCH_BASELINE_RATES_MAX];
	double kernel_s[BENCH_PLAN_ALGORITHMS]; // a packet in a full batch, a key in every lane; 0: not measured
	double ghz;                             // of the core; 0: not known
	bool clock_from_kernel;                 // it is the kernel run that tells it
};

// `path` is a path.json; NULL: the committed one for this processor, looked for in bench/baseline under the working
// directory, then where bulkhead was installed. A kernel.json in the same folder is read too.
int bench_baseline_load(struct bench_baseline *baseline, const char *path, struct base_errs *errs);
