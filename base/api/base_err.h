// SPDX-License-Identifier: GPL-3.0-or-later
// A list of what is wrong, told to a person all at once: each entry says where and what would be right.
//
// Functions of the house return 0 or a count when good and -errno when bad; this list is for configuration and
// files, where one run should show every mistake.
//
// Threads: one owner. Owns: its text, inline.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define BASE_ERRS_MAX       64
#define BASE_ERR_TEXT_BYTES 256

struct base_errs {
	size_t count; // entries in text[], up to BASE_ERRS_MAX
	size_t lost;  // entries that found no room; reported by print
	char text[BASE_ERRS_MAX][BASE_ERR_TEXT_BYTES];
};

// Empties the list.
void base_errs_init(struct base_errs *errs);

// Appends "<where>: <message>". `where` is a file, file:line, JSON pointer, PID or group (BORROWS, not NULL).
void base_errs_add(struct base_errs *errs, const char *where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// True when nothing was added.
static inline bool base_errs_none(const struct base_errs *errs)
{
	return errs->count == 0;
}

// Prints one line per entry to `out`, each led by `prefix`, and a last line for the entries that found no room.
void base_errs_print(const struct base_errs *errs, FILE *out, const char *prefix);
