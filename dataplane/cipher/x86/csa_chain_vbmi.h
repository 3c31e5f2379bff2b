// SPDX-License-Identifier: GPL-3.0-or-later
// The block cipher's chain over the blocks of a step of lanes, in place on their byte slices.
//
// A lane takes part in a block when its payload has the whole of it: a mask of 64 lanes.
//
// Threads: any. Owns: the caller's memory.
#pragma once

#include "cipher/x86/csa_block_vbmi.h"

enum { CSA_GROUPS = 8 };

// What a step works on.
struct csa_step {
	csa_word (*slices)[CSA_BLOCK_BYTES][CSA_GROUPS]; // of block 0, the step's first group
	const __m512i *blocks;                           // whole blocks of each lane, by group
	const struct csa_row *line;                      // of the lanes' key records
	unsigned most;                                   // blocks of the longest lane
};

CSA_INLINE __mmask64 csa_having(const struct csa_step *step, unsigned group, unsigned block)
{
	return _mm512_cmpgt_epu8_mask(step->blocks[group], _mm512_set1_epi8((char)block));
}

// The state of block `block` in group g: what came in, and where `chained` the block after it.
CSA_INLINE void csa_chain_in(const struct csa_step *step, struct csa_state *s, unsigned g, unsigned block)
{
	csa_word chained = (csa_word)_mm512_movm_epi8(csa_having(step, g, block + 1)), w[CSA_BLOCK_BYTES],
		 in[CSA_BLOCK_BYTES];
	const struct csa_row *k0 = step->line + DP_CSA_ROUNDS, *out = k0 + 1;

#pragma GCC unroll 8
	for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
		w[j] = step->slices[block][j][g] ^ (j < 7 ? out[j].of[g] & chained : k0->of[g]);
	csa_enter(in, w);
#pragma GCC unroll 6
	for (unsigned i = 0; i < 6; i++)
		CSA_STATE_A(i) = in[i] ^ (CSA_STATE_A(i) & chained);
	CSA_STATE_Y(1) = in[6] ^ (CSA_STATE_Y(1) & chained);
	CSA_STATE_Y(0) = in[7] ^ (CSA_STATE_Y(0) & chained);
}

CSA_INLINE void csa_chain_out(const struct csa_step *step, const struct csa_state *s, unsigned g, unsigned block)
{
	const struct csa_row *out = step->line + DP_CSA_ROUNDS + 1;
	csa_word a[CSA_BLOCK_BYTES] = {CSA_STATE_A(0), CSA_STATE_A(1), CSA_STATE_A(2), CSA_STATE_A(3),
				       CSA_STATE_A(4), CSA_STATE_A(5), CSA_STATE_Y(1), CSA_STATE_Y(0)};
	csa_word w[CSA_BLOCK_BYTES];
	__mmask64 has = csa_having(step, g, block);

	csa_leave(w, a);
#pragma GCC unroll 8
	for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
		_mm512_mask_storeu_epi8(&step->slices[block][j][g], has, (__m512i)(j < 7 ? w[j] ^ out[j].of[g] : w[j]));
}

// Encrypts from the last block to the first.
CSA_INLINE void csa_chain(const struct csa_step *step, unsigned groups)
{
	struct csa_box box = csa_box_load();
	struct csa_state state, *s = &state;

	CSA_EACH_GROUP
	{
		for (unsigned i = 0; i < CSA_A_RING; i++)
			CSA_STATE_A(i) = (csa_word){0};
		CSA_STATE_Y(0) = CSA_STATE_Y(1) = (csa_word){0};
	}
	for (unsigned block = step->most; block-- > 0;) {
		CSA_EACH_GROUP
		csa_chain_in(step, s, g, block);
		csa_rounds(&box, step->line, s, groups);
		CSA_EACH_GROUP
		csa_chain_out(step, s, g, block);
	}
}

// Decrypts from the first block to the last.
CSA_INLINE void csa_unchain(const struct csa_step *step, unsigned groups)
{
	struct csa_box box = csa_box_load();
	struct csa_state state, *s = &state;

	for (unsigned block = 0; block < step->most; block++) {
		csa_word(*at)[CSA_GROUPS] = step->slices[block], (*next)[CSA_GROUPS] = step->slices[block + 1];

		CSA_EACH_GROUP
		{
			csa_word w[CSA_BLOCK_BYTES] = {at[0][g], at[1][g], at[2][g], at[3][g],
						       at[4][g], at[5][g], at[6][g], at[7][g]},
				 in[CSA_BLOCK_BYTES];

			csa_enter(in, w);
#pragma GCC unroll 6
			for (unsigned i = 0; i < 6; i++)
				CSA_STATE_A(i) = in[i];
			CSA_STATE_Y(1) = in[6];
			CSA_STATE_Y(0) = in[7];
		}
		csa_rounds_back(&box, step->line + CSA_BLOCK_BYTES, s, groups);
		CSA_EACH_GROUP
		{
			csa_word a[CSA_BLOCK_BYTES] = {CSA_STATE_A(0), CSA_STATE_A(1), CSA_STATE_A(2), CSA_STATE_A(3),
						       CSA_STATE_A(4), CSA_STATE_A(5), CSA_STATE_Y(1), CSA_STATE_Y(0)},
				 w[CSA_BLOCK_BYTES];
			csa_word chained = (csa_word)_mm512_movm_epi8(csa_having(step, g, block + 1));
			__mmask64 has = csa_having(step, g, block);

			csa_leave(w, a);
#pragma GCC unroll 8
			for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
				_mm512_mask_storeu_epi8(&at[j][g], has, (__m512i)(w[j] ^ (next[j][g] & chained)));
		}
	}
}
