// SPDX-License-Identifier: GPL-3.0-or-later
// OpenMetrics text, line by line.
//
// Refs: OpenMetrics 1.0, text format (ABNF, escaping, MetricFamily, Unit).
// Threads: any; pure. Owns: nothing; `out` is BORROWED.
#pragma once

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

struct cp_family {
	const char *name; // ends with _UNIT when there is a unit
	const char *type; // counter, gauge, stateset or info
	const char *unit; // "" for none
	const char *help;
};

// The lines that lead a family.
void cp_write_family(FILE *out, const struct cp_family *family);

// NAME="VALUE" with the value escaped; what follows another label starts with a comma.
void cp_write_label(FILE *out, const char *name, const char *value);

// A sample with `labels` as written by cp_write_label and a further label (name NULL: none). A value that is no number
// is left out, and so is a counter below 0. `scale` 1 keeps integers whole.
void cp_write_sample(FILE *out, const struct cp_family *family, const char *labels, const char *label,
		     const char *label_value, const json_t *value, double scale);
