// SPDX-License-Identifier: GPL-3.0-or-later
// A block of many random packets from one seed, for the long comparison: drawn once, scrambled by the witness key by
// key, then run through every implementation in mixed batches.
//
// Packets of one key lie side by side (the witness is much faster on many packets of a key); batches take them across
// keys, so that neighbouring lanes have different ones.
//
// Threads: one per block. Owns: its memory.
#pragma once

#include "kernel.h"
#include "rng.h"
#include "witness.h"

enum {
	BLOCK_KEYS = 256,
	BLOCK_PACKETS_PER_KEY = 128, // a full batch of libdvbcsa as Debian builds it
	BLOCK_PACKETS = BLOCK_KEYS * BLOCK_PACKETS_PER_KEY,
	STRIDE_BYTES = 192,
};

struct block {
	enum dp_algorithm algorithm;
	uint64_t seed;
	uint8_t cw[BLOCK_KEYS][DP_CW_MAX_BYTES];
	uint8_t n[BLOCK_PACKETS];
	uint8_t in[DIRECTIONS][BLOCK_PACKETS + 1][STRIDE_BYTES]; // one more: the last may be read beyond its end
	uint8_t out[BLOCK_PACKETS][STRIDE_BYTES];
};

// GIVES a block, or NULL when there is no memory.
struct block *block_new(void);
void block_free(struct block *block);

// Draws and scrambles the packets of `seed`: a fifth of them of any length, the others full.
void block_draw(struct block *block, const struct witness *witness, enum dp_algorithm algorithm, uint64_t seed);

// Sets the kernel's BLOCK_KEYS key records, runs the first `packets` packets both ways and compares. Returns the number
// of wrong ones, the first of which is printed.
unsigned block_compare(struct block *block, struct kernel *kernel, unsigned packets);
