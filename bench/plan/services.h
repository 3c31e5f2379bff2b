// SPDX-License-Identifier: GPL-3.0-or-later
// The line-up to plan for: one service a line of a CSV file, every mistake reported at once by line and column.
//
// Refs: docs/capacity.md (the columns).
// Threads: one owner. Owns: the services, on the heap.
// Errors: -EINVAL with the list; -errno of reading the file.
#pragma once

#include <stddef.h>

#include <base_err.h>

enum {
	BENCH_PLAN_NAME_BYTES = 64,
	BENCH_PLAN_SERVICES_MAX = 65536,
	BENCH_PLAN_LEGS_MAX = 8,
	BENCH_PLAN_ALGORITHMS =
		7, // those of the dataplane, in its order; it is not opened here, so that tests can open this
	BENCH_PLAN_CLEAR = BENCH_PLAN_ALGORITHMS, // in place of an algorithm
	BENCH_PLAN_KINDS
};

struct bench_plan_service {
	char name[BENCH_PLAN_NAME_BYTES];
	char output[BENCH_PLAN_NAME_BYTES]; // the multiplex it is carried in; its own name when it is alone
	char class[BENCH_PLAN_NAME_BYTES];  // what reports group it by; "all" when none is said
	double bps;                         // of transport packets
	unsigned kind;                      // an algorithm or BENCH_PLAN_CLEAR
	unsigned cas, legs;
	double period_s;
	unsigned ecm_bytes, ecm_repetition_ms;
	unsigned line;
};

struct bench_plan_services {
	size_t n;
	struct bench_plan_service *service; // those of one output stand together
};

// Name of an algorithm, or "clear".
const char *bench_plan_kind_name(unsigned kind);

// Reads the file, or standard input for "-". GIVES the services.
int bench_plan_services_load(struct bench_plan_services *services, const char *path, struct base_errs *errs);

// The same from memory; `name` stands for the file in messages.
int bench_plan_services_parse(struct bench_plan_services *services, const char *name, const char *text, size_t n,
			      struct base_errs *errs);

void bench_plan_services_free(struct bench_plan_services *services);
