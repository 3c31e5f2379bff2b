// SPDX-License-Identifier: GPL-3.0-or-later
// A histogram of durations in the statistics document: how many, percentiles, and counts by powers of four.
//
// Refs: docs/dataplane-stats.md. Threads: main. Owns: nothing. Errors: NULL when there is no memory.
#pragma once

#include <jansson.h>

#include <dp_histogram.h>

// Counts up to 1 us, 4 us, and so on to 4^10 us, which is about a second, and what is longer.
enum { DP_TIMES_STEPS = 12 };

// GIVES {count, p50_us, p90_us, p99_us, p99_9_us, max_us, us_pow4}.
json_t *dp_times_json(const struct dp_histogram *histogram);
