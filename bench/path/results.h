// SPDX-License-Identifier: GPL-3.0-or-later
// All cases of one process, and their two ways out.
//
// Threads: main. Owns: nothing. Errors: none.
#pragma once

#include <jansson.h>

#include "path/sample.h"

struct bench_results {
	json_t *provenance; // BORROWED
	double tsc_hz;
	unsigned cases;
	struct bench_case *c;
};

// The clear case with the same number of services: the plain forward of the same frames.
const struct bench_case *bench_results_forward(const struct bench_results *results, const struct bench_case *c);

// True when the run's own checks hold: nothing clear at the sink, no drop, no continuity error.
bool bench_sample_sound(const struct bench_sample *sample);

void bench_table_print(const struct bench_results *results);
void bench_json_print(const struct bench_results *results);
