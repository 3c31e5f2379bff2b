// SPDX-License-Identifier: GPL-3.0-or-later
// The block cipher's chain over the blocks of a step of lanes, in place on their byte slices.
//
// A lane takes part in a block when its payload has the whole of it: a mask of 64 lanes.
//
// Threads: any. Owns: the caller's memory.
#pragma once

#include "cipher/x86/csa_block_vbmi.h"

enum { CSA_GROUPS = 8 };

// A byte of every lane. Without the gap a group's vectors would share eight of the first-level cache's sets.
struct csa_slice {
	csa_word of[CSA_GROUPS], gap;
};

// What a step works on.
struct csa_step {
	struct csa_slice (*slices)[CSA_BLOCK_BYTES];
	unsigned first;             // of its groups
	const __m512i *bytes;       // of each lane's payload, for all groups
	const struct csa_row *line; // of the lanes' key records
	unsigned most;              // blocks of the longest lane
};

CSA_INLINE __mmask64 csa_having(const struct csa_step *step, unsigned g, unsigned block)
{
	return _mm512_cmpge_epu8_mask(step->bytes[step->first + g],
				      _mm512_set1_epi8((char)(CSA_BLOCK_BYTES * (block + 1))));
}

// All bits of the bytes of lanes that have the block.
CSA_INLINE csa_word csa_having_bits(const struct csa_step *step, unsigned g, unsigned block)
{
	return (csa_word)_mm512_movm_epi8(csa_having(step, g, block));
}

CSA_INLINE void csa_load_block(csa_word w[CSA_BLOCK_BYTES], const struct csa_step *step, unsigned g, unsigned block)
{
#pragma GCC unroll 8
	for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
		w[j] = step->slices[block][j].of[step->first + g];
}

// Of the lanes that have the block.
CSA_INLINE void csa_store_block(const csa_word w[CSA_BLOCK_BYTES], const struct csa_step *step, unsigned g,
				unsigned block)
{
	__mmask64 has = csa_having(step, g, block);

#pragma GCC unroll 8
	for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
		_mm512_mask_storeu_epi8(&step->slices[block][j].of[step->first + g], has, (__m512i)w[j]);
}

CSA_INLINE void csa_state_load(csa_word a[CSA_BLOCK_BYTES], const struct csa_state *s, unsigned g)
{
#pragma GCC unroll 6
	for (unsigned i = 0; i < 6; i++)
		a[i] = CSA_STATE_A(i);
	a[6] = CSA_STATE_Y(1);
	a[7] = CSA_STATE_Y(0);
}

CSA_INLINE void csa_state_save(struct csa_state *s, unsigned g, const csa_word a[CSA_BLOCK_BYTES])
{
#pragma GCC unroll 6
	for (unsigned i = 0; i < 6; i++)
		CSA_STATE_A(i) = a[i];
	CSA_STATE_Y(1) = a[6];
	CSA_STATE_Y(0) = a[7];
}

// Takes group g from the end of block + 1 to the beginning of `block`. Where a lane has both, the state goes on, and
// what the exit would add is added to what comes in.
CSA_INLINE void csa_chain_next(const struct csa_step *step, struct csa_state *s, unsigned g, unsigned block)
{
	csa_word chained = csa_having_bits(step, g, block + 1);
	csa_word a[CSA_BLOCK_BYTES], out[CSA_BLOCK_BYTES], w[CSA_BLOCK_BYTES], in[CSA_BLOCK_BYTES];

	csa_state_load(a, s, g);
#pragma GCC unroll 7
	for (unsigned j = 0; j < 7; j++)
		out[j] = step->line[DP_CSA_ROUNDS + 1 + j].of[g];
	out[7] = (csa_word){0};
	csa_load_block(in, step, g, block);
	csa_leave(w, a);
#pragma GCC unroll 8
	for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++) {
		w[j] ^= out[j];
		in[j] ^= out[j] & chained;
	}
	in[7] ^= step->line[DP_CSA_ROUNDS].of[g];
	csa_store_block(w, step, g, block + 1);
	csa_enter(w, in);
#pragma GCC unroll 8
	for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
		a[j] = w[j] ^ (a[j] & chained);
	csa_state_save(s, g, a);
}

CSA_INLINE void csa_chain_end(const struct csa_step *step, struct csa_state *s, unsigned g)
{
	csa_word a[CSA_BLOCK_BYTES], w[CSA_BLOCK_BYTES];

	csa_state_load(a, s, g);
	csa_leave(w, a);
#pragma GCC unroll 7
	for (unsigned j = 0; j < 7; j++)
		w[j] ^= step->line[DP_CSA_ROUNDS + 1 + j].of[g];
	csa_store_block(w, step, g, 0);
}

// Encrypts from the last block to the first; of the one behind the last, no lane has any byte.
CSA_INLINE void csa_chain(const struct csa_step *step, unsigned groups)
{
	struct csa_box box = csa_box_load();
	struct csa_state state = {0}, *s = &state;

	for (unsigned block = step->most; block-- > 0;) {
		for (unsigned g = 0; g < groups; g++)
			csa_chain_next(step, s, g, block);
		csa_rounds(&box, step->line, s, groups);
	}
	for (unsigned g = 0; g < groups; g++)
		csa_chain_end(step, s, g);
}

CSA_INLINE void csa_unchain_in(const struct csa_step *step, struct csa_state *s, unsigned g, unsigned block)
{
	csa_word w[CSA_BLOCK_BYTES], in[CSA_BLOCK_BYTES];

	csa_load_block(w, step, g, block);
	csa_enter(in, w);
	csa_state_save(s, g, in);
}

CSA_INLINE void csa_unchain_out(const struct csa_step *step, const struct csa_state *s, unsigned g, unsigned block)
{
	csa_word a[CSA_BLOCK_BYTES], w[CSA_BLOCK_BYTES], next[CSA_BLOCK_BYTES];
	csa_word chained = csa_having_bits(step, g, block + 1);

	csa_state_load(a, s, g);
	csa_leave(w, a);
	csa_load_block(next, step, g, block + 1);
#pragma GCC unroll 8
	for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
		w[j] ^= next[j] & chained;
	csa_store_block(w, step, g, block);
}

// Decrypts from the first block to the last.
CSA_INLINE void csa_unchain(const struct csa_step *step, unsigned groups)
{
	struct csa_box box = csa_box_load();
	struct csa_state state = {0}, *s = &state;

	for (unsigned block = 0; block < step->most; block++) {
		for (unsigned g = 0; g < groups; g++)
			csa_unchain_in(step, s, g, block);
		csa_rounds_back(&box, step->line + CSA_BLOCK_BYTES, s, groups);
		for (unsigned g = 0; g < groups; g++)
			csa_unchain_out(step, s, g, block);
	}
}
