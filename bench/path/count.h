// SPDX-License-Identifier: GPL-3.0-or-later
// Counters of a trial into its results.
//
// Threads: main, when the workers have stopped. Errors: none.
#pragma once

#include "path/outcome.h"
#include "path/window.h"

struct dp_plant;

// Rates, stages and batches of the measured time.
void bench_count_windows(struct bench_sample *sample, const struct bench_window *windows, unsigned workers,
			 const struct base_clock *clock);

// Drops and extended crypto-periods of the plant up to now.
void bench_count_plant(struct bench_outcome *outcome, const struct dp_plant *plant);
