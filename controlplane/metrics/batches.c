// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/batches.h"

#include "metrics/histogram.h"

// Sums are of what the histogram counts: lanes of full ones, or keys.
static void write_batches_of(FILE *out, const struct cp_family_row *row, const char *labels, const char *algorithm,
			     const json_t *batches)
{
	bool keys = row->shape == CP_SHAPE_KEYS;
	double all = json_number_value(json_object_get(batches, keys ? "keys" : "lanes"));
	double full = keys ? 1 : json_number_value(json_object_get(batches, "full_lanes"));
	double sum = full > 0 ? all / full : 0;
	struct cp_histogram histogram = {.counts = json_object_get(batches, keys ? "keys_log2" : "fill_16ths"),
					 .steps = keys ? CP_STEPS_DOUBLES : CP_STEPS_EVEN,
					 .sum = &sum};

	if (cp_histogram_sound(&histogram))
		cp_write_histogram(out, row->family.name, labels, row->label, algorithm, &histogram);
}

void cp_write_batches(FILE *out, const struct cp_family_row *row, const char *labels, const json_t *batches)
{
	const char *algorithm;
	size_t n = 0;
	json_t *of;

	json_object_foreach((json_t *)batches, algorithm, of)
	{
		if (n++ == CP_WRITE_MAP_MAX)
			break;
		if (cp_write_is_plain(algorithm))
			write_batches_of(out, row, labels, algorithm, of);
	}
}
