// SPDX-License-Identifier: GPL-3.0-or-later
// All cases of one process, and their ways out.
//
// Threads: main. Owns: nothing. Errors: -errno, said on standard error.
#pragma once

#include <jansson.h>

#include "path/sample.h"

struct bench_results {
	json_t *provenance; // BORROWED
	double tsc_hz;
	unsigned cases;
	struct bench_case *c;
};

// The clear case with the same services and workers: the plain forward of the same frames.
const struct bench_case *bench_results_forward(const struct bench_results *results, const struct bench_case *c);

// The case of the same algorithm with so many services and workers, or NULL.
const struct bench_case *bench_results_beside(const struct bench_results *results, const struct bench_case *c,
					      unsigned services, unsigned workers);

// The table, and what the options ask for.
int bench_results_out(const struct bench_results *results, const struct bench_options *options);

void bench_table_print(const struct bench_results *results);
int bench_json_write(const struct bench_results *results, const char *file);
int bench_plots_draw(const struct bench_results *results, const char *folder);
