// SPDX-License-Identifier: GPL-3.0-or-later
// Aligned tables for a terminal, and the words in them. What comes from outside never reaches the terminal as it is:
// controls, escapes, marks that turn the direction of writing and bytes that are no UTF-8 become '?'.
//
// Threads: main (cp_cli_init sets the locale for the width of characters). Owns: its cells.
#pragma once

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#define CP_TABLE_COLUMNS_MAX 16

struct cp_table {
	size_t columns, cells_n, capacity;
	const char *head[CP_TABLE_COLUMNS_MAX]; // one that starts with '>' is aligned to the right
	char **cell;                            // row by row
};

// Sets the locale by which widths are known.
void cp_cli_init(void);

// Prints "bulkhead: " and a message that may hold anything to standard error.
void cp_cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Writes text that may hold anything.
void cp_cli_print(FILE *out, const char *text);

// `heads` end with NULL; BORROWED.
void cp_table_init(struct cp_table *table, const char *const *heads);

// The next cell; after the last of a row the next row begins. Memory that is missing ends the program.
void cp_table_cell(struct cp_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The next cell from a member: text, a number, yes or no; "-" for one that is absent or empty.
void cp_table_member(struct cp_table *table, const json_t *object, const char *key);

// A member of seconds since 1970, as a time of UTC.
void cp_table_time(struct cp_table *table, const json_t *object, const char *key);

// Prints head and rows to standard output and empties the table.
void cp_table_print(struct cp_table *table);
