// SPDX-License-Identifier: GPL-3.0-or-later
// The words of a line of a key file, where they stand: nothing is copied, so it is for secrets too.
//
// Words stand between white space; '#' begins a comment.
//
// Threads: any; pure. Owns: nothing; words BORROW the line.
// Errors: -EINVAL for text that is no number.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_word {
	const char *at;
	size_t n;
};

// Finds the words of a line of `n` bytes, at most `max`. Returns how many, max + 1 when there are more.
size_t base_words_split(struct base_word *words, size_t max, const char *line, size_t n);

bool base_words_is(const struct base_word *word, const char *text);

// A decimal number of at most 9 digits, or -EINVAL.
int64_t base_words_number(const struct base_word *word);
