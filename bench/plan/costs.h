// SPDX-License-Identifier: GPL-3.0-or-later
// What a packet costs a worker of the planned server, from what it cost on the measured one.
//
// Refs: docs/capacity.md (the rules).
// Threads: one owner; const once made. Owns: everything inline. Errors: -EINVAL, naming the run that is missing.
#pragma once

#include <stdbool.h>

#include "plan/baseline.h"
#include "plan/options.h"

enum { BENCH_PLAN_POINTS_MAX = 16 };

struct bench_plan_point {
	unsigned services;   // on one worker, in the run
	double measured_pps; // its no-loss rate there
	double s;            // a packet, on the planned server
};

struct bench_plan_curve {
	unsigned n;
	struct bench_plan_point point[BENCH_PLAN_POINTS_MAX]; // by services
	unsigned measured_as; // the kind whose runs these are: itself, or the nearest that was measured
	double added_s;       // for what its cipher costs beyond that one's, on the measured server
};

struct bench_plan_costs {
	struct bench_plan_curve curve[BENCH_PLAN_KINDS]; // of kinds that the line-up has
	double efficiency;                               // of a worker among many, over one alone; at most 1
	unsigned services_max;                           // most that were measured on one worker, whatever the kind
	unsigned efficiency_workers;                     // with how many it was measured
	double clock;                                    // of the planned server over the measured one's
	double memory_base, memory_per_service;          // bytes of a server
	struct bench_baseline_memory memory_least, memory_most; // with the fewest and the most services measured
};

// `kinds` tells which the line-up has.
int bench_plan_costs_make(struct bench_plan_costs *costs, const struct bench_baseline *baseline,
			  const struct bench_plan_options *options, const bool kinds[BENCH_PLAN_KINDS],
			  struct base_errs *errs);

// The point that stands for a worker with so many services: the least that was measured with as many or more, as
// packets cost more with more services; beyond them the last.
const struct bench_plan_point *bench_plan_curve_at(const struct bench_plan_curve *curve, unsigned services);

// Share of one worker that these packets of so many services take.
double bench_plan_load(const struct bench_plan_costs *costs, const double pps[BENCH_PLAN_KINDS], unsigned services);

// Bytes of a server with so many services.
double bench_plan_memory(const struct bench_plan_costs *costs, unsigned services);
