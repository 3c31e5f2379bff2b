// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/batches.h"

#include <stdbool.h>
#include <stdint.h>

// More steps than any histogram here has are no histogram of ours.
enum { STEPS_MAX = 64 };

struct histogram {
	const json_t *counts;
	bool doubles; // the steps: 1, 2, 4, ...; else even ones up to 1
	double sum;
};

static struct histogram read_histogram(const struct cp_family_row *row, const json_t *batches)
{
	bool keys = row->shape == CP_SHAPE_KEYS;
	double sum = json_number_value(json_object_get(batches, keys ? "keys" : "lanes"));
	double full = keys ? 1 : json_number_value(json_object_get(batches, "full_lanes"));

	return (struct histogram){.counts = json_object_get(batches, keys ? "keys_log2" : "fill_16ths"),
				  .doubles = keys,
				  .sum = full > 0 ? sum / full : 0};
}

static bool is_histogram(const struct histogram *histogram)
{
	size_t i, n = json_array_size(histogram->counts);
	json_int_t all = 0;
	json_t *count;

	json_array_foreach(histogram->counts, i, count)
	{
		if (!json_is_integer(count) || json_integer_value(count) < 0 ||
		    __builtin_add_overflow(all, json_integer_value(count), &all))
			return false;
	}
	return n > 0 && n <= STEPS_MAX;
}

// The name of a sample and the labels of all samples of the histogram; the last label is left open.
static void write_begin(FILE *out, const char *name, const char *suffix, const char *labels, const char *label,
			const char *value)
{
	fprintf(out, "%s_%s{%s%s", name, suffix, labels, *labels ? "," : "");
	cp_write_label(out, label, value);
}

// The bound of a bucket, a number with a point.
static void write_bound(FILE *out, const struct histogram *histogram, size_t i, size_t n)
{
	if (histogram->doubles)
		fprintf(out, "%.1f", (double)(UINT64_C(1) << i));
	else if (i + 1 == n)
		fprintf(out, "1.0");
	else
		fprintf(out, "%.15g", (double)(i + 1) / (double)n);
}

// Samples are of all batches up to a bound.
static void write_histogram(FILE *out, const struct cp_family_row *row, const char *labels, const char *algorithm,
			    const struct histogram *histogram)
{
	const char *name = row->family.name;
	size_t i, n = json_array_size(histogram->counts);
	json_int_t all = 0;
	json_t *count;

	json_array_foreach(histogram->counts, i, count)
	{
		all += json_integer_value(count);
		write_begin(out, name, "bucket", labels, row->label, algorithm);
		fprintf(out, ",le=\"");
		write_bound(out, histogram, i, n);
		fprintf(out, "\"} %" JSON_INTEGER_FORMAT "\n", all);
	}
	write_begin(out, name, "bucket", labels, row->label, algorithm);
	fprintf(out, ",le=\"+Inf\"} %" JSON_INTEGER_FORMAT "\n", all);
	write_begin(out, name, "count", labels, row->label, algorithm);
	fprintf(out, "} %" JSON_INTEGER_FORMAT "\n", all);
	write_begin(out, name, "sum", labels, row->label, algorithm);
	fprintf(out, "} %.15g\n", histogram->sum);
}

void cp_write_batches(FILE *out, const struct cp_family_row *row, const char *labels, const json_t *batches)
{
	const char *algorithm;
	size_t n = 0;
	json_t *of;

	json_object_foreach((json_t *)batches, algorithm, of)
	{
		struct histogram histogram = read_histogram(row, of);

		if (n++ == CP_WRITE_MAP_MAX)
			break;
		if (cp_write_is_plain(algorithm) && is_histogram(&histogram))
			write_histogram(out, row, labels, algorithm, &histogram);
	}
}
