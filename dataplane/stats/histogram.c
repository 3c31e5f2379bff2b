// SPDX-License-Identifier: GPL-3.0-or-later
#include <dp_histogram.h>

// Two octaves of buckets stand for themselves; from there on each octave is twice as wide as the one before.
uint64_t dp_histogram_end(unsigned i)
{
	unsigned shift = i < 2 * DP_HISTOGRAM_STEPS ? 0 : i / DP_HISTOGRAM_STEPS - 1;

	return (uint64_t)(i - shift * DP_HISTOGRAM_STEPS + 1) << shift;
}

void dp_histogram_read(struct dp_histogram_view *view, const struct dp_histogram *histogram)
{
	view->total = 0;
	for (unsigned i = 0; i < DP_HISTOGRAM_BUCKETS; i++) {
		view->bucket[i] = dp_counted(&histogram->bucket[i]);
		view->total += view->bucket[i];
	}
}

double dp_histogram_us(const struct dp_histogram_view *view, unsigned millionths)
{
	// The least count that is such a share of all, without rounding: counts stay far below 2^44.
	uint64_t wanted = (view->total * millionths + 999999) / 1000000, seen = 0;

	for (unsigned i = 0; i < DP_HISTOGRAM_BUCKETS && wanted; i++) {
		seen += view->bucket[i];
		if (seen >= wanted)
			return (double)dp_histogram_end(i) / DP_HISTOGRAM_UNITS_PER_US;
	}
	return 0;
}

uint64_t dp_histogram_up_to(const struct dp_histogram_view *view, uint64_t us)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < DP_HISTOGRAM_BUCKETS && dp_histogram_end(i) <= us * DP_HISTOGRAM_UNITS_PER_US; i++)
		seen += view->bucket[i];
	return seen;
}
