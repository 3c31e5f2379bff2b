// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and words on the command lines of the subcommands.
//
// Threads: main. Owns: nothing.
// Errors: -EINVAL, said on standard error with what would be right.
#pragma once

#include <stdbool.h>

// Where a value stands, for the message.
struct bench_argument {
	const char *subcommand;
	const char *option; // without its dashes
	const char *text;   // the value as given; BORROWED
};

// The whole value is one number from `min` to `max`.
int bench_number(const struct bench_argument *argument, unsigned min, unsigned max, unsigned *out);

// The value is up to `capacity` such numbers with commas. How many.
int bench_numbers(const struct bench_argument *argument, unsigned min, unsigned max, unsigned *out, unsigned capacity);

// True when `word` is one of the words of a list with commas.
bool bench_among(const char *list, const char *word);
