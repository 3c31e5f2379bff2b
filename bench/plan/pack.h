// SPDX-License-Identifier: GPL-3.0-or-later
// Which server carries what: first fit, the largest first. The same line-up always gives the same servers.
//
// A server has room while no worker, no direction of its ports, its memory nor its dataplane's places are over what
// they are loaded to.
//
// Refs: docs/capacity.md; dp_msg.h (the places of a dataplane).
// Threads: one owner. Owns: servers and assignment, on the heap. Errors: -ENOMEM; -EINVAL when something fits on no
// server.
#pragma once

#include <limits.h>

#include "plan/costs.h"
#include "plan/demand.h"

enum { BENCH_PLAN_WORKERS_MAX = 64 };

#define BENCH_PLAN_NOWHERE UINT_MAX // in place of a server
#define BENCH_PLAN_ANY     UINT_MAX // servers: as many as it takes

struct bench_plan_worker {
	double pps[BENCH_PLAN_KINDS];
	unsigned services;
	double load; // share of it, 1 at NDR
};

struct bench_plan_server {
	unsigned inputs, services; // as many outputs as inputs
	unsigned workers;          // that carry something
	double in_bps, out_bps;    // on the wire
	double ecms_per_s;         // asked of ECMGs for its scrambling groups
	unsigned groups;
	struct bench_plan_worker worker[BENCH_PLAN_WORKERS_MAX];
};

struct bench_plan_packing {
	unsigned servers;
	struct bench_plan_server *server;
	unsigned *server_of; // by item, or BENCH_PLAN_NOWHERE
	size_t left;         // items that found no room
};

struct bench_plan_pack {
	const struct bench_plan_demand *demand;
	const struct bench_plan_costs *costs;
	const struct bench_plan_options *options;
	double utilization;
	double growth;    // every rate times this
	unsigned at_most; // servers, or BENCH_PLAN_ANY
};

// What finds no room on `at_most` servers is counted in `left`. With BENCH_PLAN_ANY that is an error: no server is
// large enough for it.
int bench_plan_pack(struct bench_plan_packing *packing, const struct bench_plan_pack *pack, struct base_errs *errs);

void bench_plan_packing_free(struct bench_plan_packing *packing);
