// SPDX-License-Identifier: GPL-3.0-or-later
// Scrambling in chained modes with AES instructions: a chain is serial, so lanes run side by side. A vector holds one
// block of each of VEC_LANES lanes, and GROUPS vectors are in flight to hide the latency of a round.
//
// A chunk of lanes is laid out in scratch so that a round key of a vector and a block of text are one aligned load;
// then run; then spread to the slots. Text stays as it is where the mode does not change it, so that what is spread is
// the whole payload.
//
// Stands on the vectors of the including file (aes_lanes.h).
// Threads: one per chunk. Owns: the chunk is the caller's, who wipes its keys.
#pragma once

#include "cipher/aes/aes_key.h"
#include "cipher/aes/lane_modes.h"

// 8 chains fill a pipeline of 4 cycles with two rounds begun in each.
enum { GROUPS = 8, CHUNK_LANES = GROUPS * VEC_LANES, TEXT_BLOCKS = 12 };

struct chunk {
	vec key[GROUPS][DP_AES_ROUNDS + 1];
	vec text[GROUPS][TEXT_BLOCKS];
	uint8_t bytes[CHUNK_LANES][2]; // of each lane's payload, twice: a vector is compared in halves of a block
	unsigned least, most;          // of those
};

// Lays a group of VEC_LANES lanes.
static inline void lay(struct chunk *c, unsigned group, const struct dp_lane *lanes)
{
	const uint8_t *key[VEC_LANES], *src[VEC_LANES];
	unsigned least = c->least, most = c->most;

#pragma GCC unroll 4
	for (unsigned i = 0; i < VEC_LANES; i++) {
		unsigned n = lanes[i].n;

		key[i] = lanes[i].key;
		src[i] = lanes[i].src;
		memset(c->bytes[group * VEC_LANES + i], (int)n, 2);
		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	c->least = least;
	c->most = most;
	vec_turn(c->key[group], key, DP_AES_ROUNDS + 1);
	vec_turn(c->text[group], src, TEXT_BLOCKS);
}

static inline void spread(const struct chunk *c, unsigned group, struct dp_lane *lanes)
{
	uint8_t *dst[VEC_LANES];
	unsigned n[VEC_LANES];

	// Read before any store, since a store might change the lanes as far as the compiler knows.
#pragma GCC unroll 4
	for (unsigned i = 0; i < VEC_LANES; i++) {
		dst[i] = lanes[i].dst;
		n[i] = lanes[i].n;
		lanes[i].done = true;
	}
	vec_spread(dst, n, c->text[group]);
}

// In line whatever the compiler thinks of its size: `x` are registers.
__attribute__((always_inline)) static inline void rounds(vec *x, const struct chunk *c)
{
#pragma GCC unroll 16
	for (unsigned round = 1; round < DP_AES_ROUNDS; round++)
#pragma GCC unroll 16
		for (unsigned g = 0; g < GROUPS; g++)
			x[g] = vec_aesenc(x[g], c->key[g][round]);
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++)
		x[g] = vec_aesenclast(x[g], c->key[g][DP_AES_ROUNDS]);
}

// A step that is a whole block to every lane of the chunk.
static inline void step_whole(struct chunk *c, unsigned step, vec *x)
{
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++)
		x[g] = vec_xor(vec_xor(c->text[g][step], c->key[g][0]), x[g]);
	rounds(x, c);
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++)
		c->text[g][step] = x[g];
}

// A step that some lanes have no whole block for: theirs is the residue, or behind the end.
static inline void step_mixed(struct chunk *c, unsigned step, vec *x, bool whole)
{
	unsigned less = (step + 1) * LANE_BLOCK_BYTES - 1;

#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++) {
		vec text = vec_choose(vec_of_lanes(c->bytes[g * VEC_LANES]), less, c->text[g][step], vec_zero());

		x[g] = vec_xor(vec_xor(text, c->key[g][0]), x[g]);
	}
	rounds(x, c);
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++) {
		vec text = c->text[g][step];

		c->text[g][step] = vec_choose(vec_of_lanes(c->bytes[g * VEC_LANES]), less, x[g],
					      whole ? vec_xor(x[g], text) : text);
	}
}

static inline void run(struct chunk *c, const struct lane_mode *mode)
{
	unsigned whole = c->least / LANE_BLOCK_BYTES; // steps that are whole blocks to every lane
	unsigned steps = lane_mode_steps(mode, c->most);
	vec x[GROUPS];

#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++)
		x[g] = vec_broadcast(mode->iv);
	for (unsigned step = 0; step < steps; step++) {
		// Keeps the compiler from taking the keys, which are the same in every step, out of the loop: there
		// are more of them than registers, and they would be copied to the stack.
		__asm__ volatile("" ::: "memory");
		if (step < whole)
			step_whole(c, step, x);
		else
			step_mixed(c, step, x, mode->whole);
	}
}

// Up to CHUNK_LANES lanes. The last group is filled up with lanes of nothing.
static inline void chain_chunk(struct chunk *c, const struct lane_mode *mode, struct dp_lane *lanes, unsigned n)
{
	unsigned groups = n / VEC_LANES, rest = n % VEC_LANES;
	struct dp_lane *last = lanes + groups * VEC_LANES, filled[VEC_LANES];

	c->least = DP_CIPHER_BYTES_MAX;
	c->most = 0;
	for (unsigned g = 0; g < groups; g++)
		lay(c, g, lanes + g * VEC_LANES);
	if (rest) {
		for (unsigned i = 0; i < VEC_LANES; i++) {
			filled[i] = last[i < rest ? i : 0];
			filled[i].n = i < rest ? filled[i].n : 0;
		}
		lay(c, groups, filled);
	}
	run(c, mode);
	for (unsigned g = 0; g < groups; g++)
		spread(c, g, lanes + g * VEC_LANES);
	if (rest) {
		spread(c, groups, filled);
		for (unsigned i = 0; i < rest; i++)
			last[i].done = true;
	}
}

static inline void chain(struct chunk *c, const struct lane_mode *mode, struct dp_lane *lanes, unsigned n)
{
	for (unsigned at = 0; at < n; at += CHUNK_LANES)
		chain_chunk(c, mode, lanes + at, n - at < CHUNK_LANES ? n - at : CHUNK_LANES);
}
