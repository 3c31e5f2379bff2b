// SPDX-License-Identifier: GPL-3.0-or-later
// One run of one case: the plant is built, its ports are replaced by replay and sink, the workers run, and what they
// counted becomes a sample.
//
// Threads: main; the EAL runs. Owns: nothing between runs. Errors: -errno with the reason in the list.
#pragma once

#include <base_clock.h>
#include <base_err.h>

#include "path/sample.h"

struct dp_conf;

struct bench_run {
	const struct bench_options *options;
	const struct base_clock *clock;
	struct dp_conf *conf; // room for the configuration of the case
	unsigned services;
	enum bench_mix mix;
};

int bench_run(const struct bench_run *run, struct bench_sample *sample, struct base_errs *errs);
