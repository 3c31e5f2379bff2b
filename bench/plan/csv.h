// SPDX-License-Identifier: GPL-3.0-or-later
// A reader of comma-separated values that knows line and column of every field.
//
// Beside RFC 4180: lines may end in LF alone, a byte order mark and blanks around a field are passed over, and empty
// lines and lines that begin with '#' are no records. libcsv, the library in Debian, does not say where a field stood
// and stops at the first mistake; here reading goes on behind it, so that one run shows them all.
//
// Refs: RFC 4180.
// Threads: one owner. Owns: nothing; fields BORROW the record.
// Errors: in the caller's list as "<file>:<line>:<column>: ...".
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <base_err.h>

enum { BENCH_CSV_FIELDS_MAX = 32, BENCH_CSV_RECORD_BYTES = 4096 };

struct bench_csv {
	const char *name; // of the file, in messages; BORROWED
	const char *text; // BORROWED
	size_t n, at;
	unsigned line, column; // of text[at]; from 1, a column is a character of UTF-8
};

struct bench_csv_field {
	const char *text; // ended by a zero; may hold others
	size_t n;
	unsigned line, column;
};

struct bench_csv_record {
	bool broken; // a mistake was reported and fields behind it are missing
	unsigned line;
	size_t fields;
	struct bench_csv_field field[BENCH_CSV_FIELDS_MAX];
	size_t used;
	char bytes[BENCH_CSV_RECORD_BYTES];
};

void bench_csv_init(struct bench_csv *csv, const char *name, const char *text, size_t n);

// Reads the next record. False at the end of the text.
bool bench_csv_next(struct bench_csv *csv, struct bench_csv_record *record, struct base_errs *errs);

// Adds a mistake at a place of the text.
void bench_csv_wrong(const struct bench_csv *csv, unsigned line, unsigned column, struct base_errs *errs,
		     const char *format, ...) __attribute__((format(printf, 5, 6)));
