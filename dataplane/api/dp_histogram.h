// SPDX-License-Identifier: GPL-3.0-or-later
// Durations counted in buckets: log-linear, in the manner of HdrHistogram.
//
// Up to a microsecond a bucket is a sixteenth of one wide; above, every octave is parted into eight equal buckets. What
// is read is the upper end of a bucket: never too low, and too high by at most an eighth, or a sixteenth of a
// microsecond. The last bucket, which ends at 8.4 s, also has what is longer.
//
// Refs: HdrHistogram (Tene); docs/dataplane-stats.md.
// Threads: one writer; any reader at any time. A reader sees each bucket whole, and no two buckets of one instant.
// Owns: nothing. Errors: none.
#pragma once

#include <stdint.h>

#include <dp_stats_word.h>

enum {
	DP_HISTOGRAM_UNITS_PER_US = 16, // of what is counted
	DP_HISTOGRAM_STEPS = 8,         // buckets of an octave
	DP_HISTOGRAM_BUCKETS = 200,
};

// The end of the last bucket, in units.
#define DP_HISTOGRAM_END (UINT64_C(1) << 27)

struct dp_histogram {
	uint64_t bucket[DP_HISTOGRAM_BUCKETS];
};

// The bucket of a duration. Its highest four bits are the place in the octave, and the shift to them the octave.
static inline unsigned dp_histogram_index(uint64_t units)
{
	uint64_t value = units < DP_HISTOGRAM_END ? units : DP_HISTOGRAM_END - 1;
	unsigned shift = 60u - (unsigned)__builtin_clzll(value | DP_HISTOGRAM_STEPS);

	return shift * DP_HISTOGRAM_STEPS + (unsigned)(value >> shift);
}

static inline void dp_histogram_add(struct dp_histogram *histogram, uint64_t units)
{
	dp_count(&histogram->bucket[dp_histogram_index(units)], 1);
}

// Where bucket `i` ends and the next begins, in units.
uint64_t dp_histogram_end(unsigned i);

// A histogram as it is read: what was counted, and how much it is in all.
struct dp_histogram_view {
	uint64_t total;
	uint64_t bucket[DP_HISTOGRAM_BUCKETS];
};

void dp_histogram_read(struct dp_histogram_view *view, const struct dp_histogram *histogram);

// The duration that `millionths` of all do not exceed, in microseconds; 1000000 of them: the longest. 0 without any.
double dp_histogram_us(const struct dp_histogram_view *view, unsigned millionths);

// How many are no longer than `us`, which is a power of two.
uint64_t dp_histogram_up_to(const struct dp_histogram_view *view, uint64_t us);
