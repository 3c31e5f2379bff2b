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
	vec key[DP_AES_ROUNDS + 1][GROUPS];
	vec text[TEXT_BLOCKS][GROUPS];
	vec blocks[GROUPS]; // whole blocks of each lane
	unsigned least;     // of those
	unsigned steps;     // most encryptions of a lane
};

// Lays `n` lanes of a group, 1..VEC_LANES; where some are missing, their places hold the first one's and no blocks.
static inline void lay(struct chunk *c, unsigned group, const struct dp_lane *lanes, unsigned n)
{
	const uint8_t *key[VEC_LANES], *src[VEC_LANES];
	uint64_t blocks[VEC_LANES];

	for (unsigned i = 0; i < VEC_LANES; i++) {
		const struct dp_lane *lane = &lanes[i < n ? i : 0];

		key[i] = lane->key;
		src[i] = lane->src;
		blocks[i] = i < n ? lane_blocks(lane) : 0;
	}
	c->blocks[group] = vec_counts(blocks);
	vec_turn(&c->key[0][group], GROUPS, key, DP_AES_ROUNDS + 1);
	vec_turn(&c->text[0][group], GROUPS, src, TEXT_BLOCKS);
}

static inline void rounds(vec *x, const struct chunk *c)
{
#pragma GCC unroll 16
	for (unsigned round = 1; round < DP_AES_ROUNDS; round++)
#pragma GCC unroll 16
		for (unsigned g = 0; g < GROUPS; g++)
			x[g] = vec_aesenc(x[g], c->key[round][g]);
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++)
		x[g] = vec_aesenclast(x[g], c->key[DP_AES_ROUNDS][g]);
}

// A step that is a whole block to every lane of the chunk.
static inline void step_whole(struct chunk *c, unsigned step, vec *x)
{
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++)
		x[g] = vec_xor(vec_xor(c->text[step][g], c->key[0][g]), x[g]);
	rounds(x, c);
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++)
		c->text[step][g] = x[g];
}

// A step that some lanes have no whole block for: theirs is the residue, or behind the end.
static inline void step_mixed(struct chunk *c, unsigned step, vec *x, bool whole)
{
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++) {
		vec text = vec_choose(c->blocks[g], step, c->text[step][g], vec_zero());

		x[g] = vec_xor(vec_xor(text, c->key[0][g]), x[g]);
	}
	rounds(x, c);
#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++) {
		vec text = c->text[step][g];

		c->text[step][g] = vec_choose(c->blocks[g], step, x[g], whole ? vec_xor(x[g], text) : text);
	}
}

static inline void run(struct chunk *c, const struct lane_mode *mode)
{
	vec x[GROUPS];

#pragma GCC unroll 16
	for (unsigned g = 0; g < GROUPS; g++)
		x[g] = vec_broadcast(mode->iv);
	for (unsigned step = 0; step < c->steps; step++) {
		// Keeps the compiler from taking the keys, which are the same in every step, out of the loop: there
		// are more of them than registers, and they would be copied to the stack.
		__asm__ volatile("" ::: "memory");
		if (step < c->least)
			step_whole(c, step, x);
		else
			step_mixed(c, step, x, mode->whole);
	}
}

static inline void chain_chunk(struct chunk *c, const struct lane_mode *mode, struct dp_lane *lanes, unsigned n)
{
	c->least = TEXT_BLOCKS;
	for (unsigned i = 0; i < n; i++)
		c->least = lane_blocks(&lanes[i]) < c->least ? lane_blocks(&lanes[i]) : c->least;
	c->steps = lane_steps(mode, lanes, n);
	for (unsigned at = 0; at < n; at += VEC_LANES)
		lay(c, at / VEC_LANES, lanes + at, n - at < VEC_LANES ? n - at : VEC_LANES);
	run(c, mode);
	for (unsigned at = 0; at < n; at += VEC_LANES)
		vec_spread(lanes + at, n - at < VEC_LANES ? n - at : VEC_LANES, &c->text[0][at / VEC_LANES], GROUPS);
}

static inline void chain(struct chunk *c, const struct lane_mode *mode, struct dp_lane *lanes, unsigned n)
{
	for (unsigned at = 0; at < n; at += CHUNK_LANES)
		chain_chunk(c, mode, lanes + at, n - at < CHUNK_LANES ? n - at : CHUNK_LANES);
}
