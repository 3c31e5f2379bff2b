// SPDX-License-Identifier: GPL-3.0-or-later
// A line of a key file or schedule, as words where they stand.
//
// Words stand between blanks (space, tab, carriage return); '#' begins a comment.
//
// Threads: any; pure. Owns: nothing; words BORROW the text. Errors: none.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stb_line_word {
	const char *text;
	size_t n;
};

// Finds the words of a line of `n` bytes. Returns how many, `max` also for more.
size_t stb_line_split(struct stb_line_word *word, size_t max, const char *text, size_t n);

bool stb_line_is(const struct stb_line_word *word, const char *text);

// Reads a decimal number up to `max`. False when it is none or larger; then *out is not to be used.
bool stb_line_number(const struct stb_line_word *word, uint32_t max, uint32_t *out);
