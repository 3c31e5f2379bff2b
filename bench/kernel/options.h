// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of `bulkhead-bench kernel`.
//
// Threads: main. Errors: -EINVAL, said on standard error.
#pragma once

#include <stdbool.h>

#include "cipher/algorithm.h"

enum { BENCH_KERNEL_ROUNDS_MAX = 999 };

struct bench_kernel_options {
	bool algorithm[DP_ALGORITHMS];
	const char *isa;   // names with commas, or NULL for all; BORROWED
	unsigned rounds;   // every row once a round
	unsigned slice_us; // of one row in one round, at least
	int core;
	bool json;
	const char *plots; // folder for SVG files, or NULL; BORROWED
};

// 0, 1 when --help was answered, or -EINVAL.
int bench_kernel_options_parse(struct bench_kernel_options *options, int argc, char **argv);

// Whether the options ask for kernels of this ISA.
bool bench_kernel_wants_isa(const struct bench_kernel_options *options, const char *isa);
