// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of a line-up: what they are called, what they hold, and what stands for an empty one.
//
// Threads: any; pure. Owns: nothing. Errors: false, reported by line and column.
#pragma once

#include <stdbool.h>

#include "plan/csv.h"
#include "plan/services.h"

enum bench_plan_column {
	BENCH_COLUMN_NAME,
	BENCH_COLUMN_MBIT,
	BENCH_COLUMN_ALGORITHM,
	BENCH_COLUMN_CAS,
	BENCH_COLUMN_LEGS,
	BENCH_COLUMN_OUTPUT,
	BENCH_COLUMN_CLASS,
	BENCH_COLUMN_PERIOD,
	BENCH_COLUMN_ECM_BYTES,
	BENCH_COLUMN_ECM_REPETITION,
	BENCH_COLUMNS
};

// Where each column stands in the file; -1: it is not there.
struct bench_plan_header {
	unsigned line;
	size_t fields;
	int at[BENCH_COLUMNS];
};

// Reads the line that names the columns.
bool bench_plan_header_read(struct bench_plan_header *header, const struct bench_csv *csv,
			    const struct bench_csv_record *record, struct base_errs *errs);

// Reads a line of the file into *service, with the values of columns that are absent or empty filled in. False when
// there was a mistake.
bool bench_plan_row_read(struct bench_plan_service *service, const struct bench_plan_header *header,
			 const struct bench_csv *csv, const struct bench_csv_record *record, struct base_errs *errs);
