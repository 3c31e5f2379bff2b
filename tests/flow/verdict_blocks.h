// SPDX-License-Identifier: GPL-3.0-or-later
// A set of 16-byte blocks, open addressing: which pieces of the source would be recognised in clear.
//
// Uniform blocks (all bytes alike: stuffing) are left out, they prove nothing.
// Threads: one owner. Owns: its table. Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERDICT_BLOCK_BYTES       16
#define VERDICT_SHORT_BLOCK_BYTES 8

struct verdict_blocks {
	uint8_t (*slot)[VERDICT_BLOCK_BYTES]; // all zero: free, since a zero block is uniform
	size_t mask;                          // slots - 1
};

// Room for `blocks` of them.
int verdict_blocks_new(struct verdict_blocks *set, size_t blocks);
void verdict_blocks_free(struct verdict_blocks *set);

// `bytes` (BORROWS) is a block of `n` bytes, 16 or 8; short ones are told apart by the caller's choice of set.
void verdict_blocks_add(struct verdict_blocks *set, const uint8_t *bytes, size_t n);
bool verdict_blocks_has(const struct verdict_blocks *set, const uint8_t *bytes, size_t n);
