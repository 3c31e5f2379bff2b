// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all families whose samples are read from a status document (docs/metrics.md).
//
// Threads: any; constant.
#pragma once

#include <stddef.h>

#include "metrics/subject.h"
#include "metrics/writer.h"

// How the member `key` becomes samples.
enum cp_family_shape {
	CP_SHAPE_NUMBER,   // as it is, times `scale`
	CP_SHAPE_TRUE,     // 1 for true, or for the word "open"; else 0
	CP_SHAPE_STATE,    // one sample for each state of a service or group
	CP_SHAPE_MAP,      // an object of numbers: one sample each, with the label `label`
	CP_SHAPE_TICKS,    // the same, or a number, ticks of the subject's tsc_hz
	CP_SHAPE_PDUS,     // the objects `sent` and `received` below `key`: labels type and direction
	CP_SHAPE_ELEMENTS, // how many an array has
	CP_SHAPE_FILL,     // an object of batches by algorithm: how full they were, of 1
	CP_SHAPE_KEYS,     // the same: how many different keys they had
	CP_SHAPE_TIMES,    // an object whose us_pow4 are counts of durations
	CP_SHAPE_INFO,     // words of the subject, named in `label` and parted by spaces
};

struct cp_family_row {
	struct cp_family family;
	enum cp_subject_kind subject;
	enum cp_family_shape shape;
	const char *key; // "a/b" is b in a; "" the subject itself
	const char *label;
	double scale; // 0 stands for 1
};

extern const struct cp_family_row cp_families[];
extern const size_t cp_families_n;
