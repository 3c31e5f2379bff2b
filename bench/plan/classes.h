// SPDX-License-Identifier: GPL-3.0-or-later
// The services of a line-up by class and algorithm.
//
// Threads: one owner. Owns: nothing; names BORROW the services. Errors: none.
#pragma once

#include "plan/services.h"

enum { BENCH_PLAN_CLASSES_MAX = 64 };

struct bench_plan_class {
	const char *name;
	unsigned kind;
	unsigned services, legs, cas;
	double bps; // of one leg
};

// Fills `class` in the order of name and algorithm. Returns how many there are; what is beyond the maximum is counted
// as class "others".
unsigned bench_plan_classes(struct bench_plan_class class[BENCH_PLAN_CLASSES_MAX],
			    const struct bench_plan_services *services);
