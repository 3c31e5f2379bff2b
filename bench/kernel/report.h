// SPDX-License-Identifier: GPL-3.0-or-later
// The ways out of the results.
//
// Threads: main. Owns: nothing.
#pragma once

#include <jansson.h>

#include "kernel/set.h"

enum { BENCH_PKT_BITS = 188 * 8 };

// What is shown of a row.
struct bench_figures {
	double pkts_per_s, gbit_per_s, ns_per_pkt;
	double cycles_per_pkt;      // of the core; 0 when its clock is not known
	double spread;              // highest tenth less lowest tenth of the time, over the median
	double ratio_to_best_other; // at its best fill with one key; 0 when there is no other
	double ratio_same_shape;    // with the same number of keys and lengths; 0 when there is no other
	const char *best_other;     // its name, or NULL
};

struct bench_figures bench_figures_of(const struct bench_set *set, const struct bench_row *row,
				      const struct base_clock *clock);

// "one" or "per-lane".
const char *bench_keys_name(const struct bench_row *row);

// Median ns of one key set-up.
double bench_set_key_ns(const struct bench_set *set, unsigned contender, const struct base_clock *clock);

void bench_kernel_table(const struct bench_set *set, const struct base_clock *clock);

// Adds the rows of a set to the array `results`, and its key set-ups to the array `set_up`.
void bench_kernel_json(const struct bench_set *set, const struct base_clock *clock, json_t *results, json_t *set_up);

// Draws <algorithm>-rate.svg, -fill.svg and -keys.svg into `folder`. 0 or -errno, said on standard error.
int bench_kernel_plot(const struct bench_set *set, const struct base_clock *clock, const char *folder);
