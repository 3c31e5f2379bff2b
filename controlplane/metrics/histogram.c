// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/histogram.h"

#include <stdint.h>

#include "metrics/writer.h"

// More steps than any histogram here has are no histogram of ours; powers of four would not fit.
enum { STEPS_MAX = 64, POW4_MAX = 31 };

bool cp_histogram_sound(const struct cp_histogram *histogram)
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
	return n > 0 && n <= (histogram->steps == CP_STEPS_US_POW4 ? POW4_MAX : STEPS_MAX);
}

// The name of a sample and the labels of all samples of the histogram; a further label and the end follow.
static void write_begin(FILE *out, const char *name, const char *suffix, const char *labels, const char *label,
			const char *value)
{
	fprintf(out, "%s_%s{%s", name, suffix, labels);
	if (!label)
		return;
	if (*labels)
		putc(',', out);
	cp_write_label(out, label, value);
}

// The bound of a bucket, a number with a point.
static void write_bound(FILE *out, enum cp_histogram_steps steps, size_t i, size_t n)
{
	switch (steps) {
	case CP_STEPS_DOUBLES:
		fprintf(out, "%.1f", (double)(UINT64_C(1) << i));
		break;
	case CP_STEPS_US_POW4:
		fprintf(out, "%.6f", (double)(UINT64_C(1) << 2 * i) * 1e-6);
		break;
	case CP_STEPS_EVEN:
		if (i + 1 == n)
			fputs("1.0", out);
		else
			fprintf(out, "%.15g", (double)(i + 1) / (double)n);
		break;
	}
}

// Samples are of all up to a bound. Without a sum there is no count either, as OpenMetrics wants it.
void cp_write_histogram(FILE *out, const char *name, const char *labels, const char *label, const char *value,
			const struct cp_histogram *histogram)
{
	size_t i, n = json_array_size(histogram->counts);
	const char *comma = label || *labels ? "," : "";
	json_int_t all = 0;
	json_t *count;

	json_array_foreach(histogram->counts, i, count)
	{
		all += json_integer_value(count);
		if (histogram->steps == CP_STEPS_US_POW4 && i + 1 == n)
			break;
		write_begin(out, name, "bucket", labels, label, value);
		fprintf(out, "%sle=\"", comma);
		write_bound(out, histogram->steps, i, n);
		fprintf(out, "\"} %" JSON_INTEGER_FORMAT "\n", all);
	}
	write_begin(out, name, "bucket", labels, label, value);
	fprintf(out, "%sle=\"+Inf\"} %" JSON_INTEGER_FORMAT "\n", comma, all);
	if (!histogram->sum)
		return;
	write_begin(out, name, "count", labels, label, value);
	fprintf(out, "} %" JSON_INTEGER_FORMAT "\n", all);
	write_begin(out, name, "sum", labels, label, value);
	fprintf(out, "} %.15g\n", *histogram->sum);
}
