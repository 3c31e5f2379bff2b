// SPDX-License-Identifier: GPL-3.0-or-later
// OpenMetrics text, line by line.
//
// Refs: OpenMetrics 1.0, text format (ABNF, escaping, MetricFamily, Unit).
// Threads: any; pure. Owns: nothing; `out` is BORROWED.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

struct cp_family {
	const char *name; // ends with _UNIT when there is a unit
	const char *type; // counter, gauge, stateset or info
	const char *unit; // "" for none
	const char *help;
};

// Of an object, more members are not shown: a bound on what a process can make of this text.
enum { CP_WRITE_MAP_MAX = 64 };

// Names in an object differ from each other; written as labels they must still, which those that need no escape do.
bool cp_write_is_plain(const char *name);

// The lines that lead a family.
void cp_write_family(FILE *out, const struct cp_family *family);

// NAME="VALUE" with the value escaped; what follows another label starts with a comma.
void cp_write_label(FILE *out, const char *name, const char *value);

// A sample with `labels` as written by cp_write_label and a further label (name NULL: none). A value that is no number
// is left out, and so is a counter below 0. `scale` 1 keeps integers whole.
void cp_write_sample(FILE *out, const struct cp_family *family, const char *labels, const char *label,
		     const char *label_value, const json_t *value, double scale);
