// SPDX-License-Identifier: GPL-3.0-or-later
// All that is measured of one algorithm: contenders, the rows of each, and what the rounds gave.
//
// Threads: main. Owns: contenders and samples, given back by bench_set_close. Errors: -errno.
#pragma once

#include <base_clock.h>

#include "kernel/contender.h"
#include "kernel/options.h"

enum { BENCH_CONTENDERS_MAX = DP_CIPHER_IMPLEMENTATIONS_MAX + 3, BENCH_ROWS_MAX = 32 * BENCH_CONTENDERS_MAX };

// One line of the result: a contender with one shape.
struct bench_row {
	const struct bench_contender *contender;
	struct bench_shape shape;
	double *ticks; // TSC ticks per packet, one a round
};

struct bench_set {
	enum dp_algorithm algorithm;
	const struct bench_load *load; // BORROWED
	unsigned contenders, rows, rounds;
	struct bench_contender contender[BENCH_CONTENDERS_MAX];
	struct bench_row row[BENCH_ROWS_MAX];
	double *cycles_per_tick;                    // one a round
	double set_key_ticks[BENCH_CONTENDERS_MAX]; // median of one set-up
};

// Opens the implementations that run here and the libraries, and lists the rows.
int bench_set_open(struct bench_set *set, enum dp_algorithm algorithm, const struct bench_kernel_options *options,
		   const struct bench_load *load);
void bench_set_close(struct bench_set *set);

// 0 when all contenders give the same bytes for the same packets; -EBADMSG with a line on standard error otherwise.
int bench_set_agree(struct bench_set *set);

// Runs all rows once a round. Progress on standard error.
void bench_set_measure(struct bench_set *set, const struct bench_kernel_options *options,
		       const struct base_clock *clock);

// The median of n samples, and the lowest and highest tenth.
double bench_median(const double *sample, unsigned n);
double bench_tenth(const double *sample, unsigned n, bool highest);

// The median over the rounds of b's time over a's: how many times faster a is.
double bench_row_ratio(const struct bench_set *set, const struct bench_row *a, const struct bench_row *b);

// The fastest outside row, whatever its fill: of even payloads with one key, or with the keys and lengths of `row`.
// NULL when there is none.
const struct bench_row *bench_set_best_outside(const struct bench_set *set, const struct bench_row *row);

// Whether this is a full batch.
static inline bool bench_row_full(const struct bench_row *row)
{
	return row->shape.fill == row->contender->lanes;
}
