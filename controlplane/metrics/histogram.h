// SPDX-License-Identifier: GPL-3.0-or-later
// A list of counts as the samples of a histogram.
//
// Refs: OpenMetrics 1.0 (histogram). Threads: any; pure. Owns: nothing; all is BORROWED. Errors: none.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

// The upper ends of the steps; what each counts is no more than it, and more than the one before.
enum cp_histogram_steps {
	CP_STEPS_EVEN,    // as many even ones as there are counts, up to 1
	CP_STEPS_DOUBLES, // 1, 2, 4, ...
	CP_STEPS_US_POW4, // 1, 4, 16, ... microseconds, told in seconds; the last has no end
};

struct cp_histogram {
	const json_t *counts;
	enum cp_histogram_steps steps;
	const double *sum; // of what was counted; NULL when it is not known
};

// False for what is no list of ours.
bool cp_histogram_sound(const struct cp_histogram *histogram);

// Writes the samples of a sound one, with `labels` as written by cp_write_label and a further one (name NULL: none).
void cp_write_histogram(FILE *out, const char *name, const char *labels, const char *label, const char *value,
			const struct cp_histogram *histogram);
