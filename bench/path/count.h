// SPDX-License-Identifier: GPL-3.0-or-later
// Counters of a run into its sample.
//
// Threads: main, when the workers have stopped. Errors: none.
#pragma once

#include "path/sample.h"
#include "path/sink.h"
#include "path/window.h"

struct dp_plant;

// Rates, stages and batches of the measured time.
void bench_count_windows(struct bench_sample *sample, const struct bench_window *windows, unsigned workers,
			 const struct base_clock *clock);

// What the sinks saw.
void bench_count_checks(struct bench_sample *sample, const struct bench_sink *sinks, unsigned workers);

// Drops, continuity errors and crypto-periods of the whole run, warming up included.
void bench_count_drops(struct bench_sample *sample, const struct dp_plant *plant);
