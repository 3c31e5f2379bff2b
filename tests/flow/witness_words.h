// SPDX-License-Identifier: GPL-3.0-or-later
// The control words of one group of a key file, read for the witness by code of its own.
//
// Refs: docs/keys.md.
// Threads: one owner. Owns: witness_words_read GIVES memory that witness_words_free returns.
// Errors: -EBADMSG no such group or no words, -ENOMEM, -errno.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <witness_payload.h>

struct witness_word {
	size_t bytes;
	uint8_t cw[WITNESS_CW_MAX_BYTES];
};

struct witness_words {
	size_t n;
	struct witness_word *word; // by CP_number, from an even one on
	bool repeat;
};

int witness_words_read(struct witness_words *words, const char *path, const char *group);
void witness_words_free(struct witness_words *words);

// The word of crypto-period `cp` counted from the first, BORROWED: the schedule starts over, or its last word is held.
// NULL when it has not `cw_bytes`.
const uint8_t *witness_words_at(const struct witness_words *words, size_t cp, size_t cw_bytes);
