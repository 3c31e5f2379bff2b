// SPDX-License-Identifier: GPL-3.0-or-later
// Cells that several tables have: the percentiles of a histogram of durations, and what was dropped.
//
// Threads: main. Owns: nothing; objects are BORROWED.
#pragma once

#include <jansson.h>

#include "cli/table.h"

// The heads of the five cells of cp_show_times; the first says of what.
#define CP_SHOW_TIMES_HEADS(first) first, ">p90", ">p99", ">p99.9", ">MAX"

// In microseconds; '-' where nothing was counted.
void cp_show_times(struct cp_table *table, const json_t *times);

// How much the object dropped, for all reasons.
void cp_show_drops(struct cp_table *table, const json_t *object);
