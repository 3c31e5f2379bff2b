// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/times.h"

static json_t *steps_json(const struct dp_histogram_view *view)
{
	json_t *list = json_array();
	uint64_t before = 0;

	for (unsigned i = 0; i < DP_TIMES_STEPS; i++) {
		uint64_t up_to = i + 1 < DP_TIMES_STEPS ? dp_histogram_up_to(view, UINT64_C(1) << 2 * i) : view->total;

		json_array_append_new(list, json_integer((json_int_t)(up_to - before)));
		before = up_to;
	}
	return list;
}

json_t *dp_times_json(const struct dp_histogram *histogram)
{
	struct dp_histogram_view view;

	dp_histogram_read(&view, histogram);
	return json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:o}", "count", (json_int_t)view.total, "p50_us",
			 dp_histogram_us(&view, 500000), "p90_us", dp_histogram_us(&view, 900000), "p99_us",
			 dp_histogram_us(&view, 990000), "p99_9_us", dp_histogram_us(&view, 999000), "max_us",
			 dp_histogram_us(&view, 1000000), "us_pow4", steps_json(&view));
}
