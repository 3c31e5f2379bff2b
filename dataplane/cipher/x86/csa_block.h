// SPDX-License-Identifier: GPL-3.0-or-later
// The block cipher of DVB-CSA on byte slices: a csa_word holds one byte of as many lanes as it has bytes.
//
// Before including this a kernel defines csa_word (a GNU vector of uint64_t), struct csa_tables, and
//   csa_block_sbox(tables, x), csa_block_permute(tables, s)     S and P of every byte
//
// A step runs up to CSA_STEP groups of lanes side by side. A round's results are needed by the next, so that one group
// would wait for its own latency; four fill each other's gaps, and the S-box, written for one group at a time, keeps
// the few registers it needs. The sequences a_i and y_i of csa_key.h are rings in memory: a store and a load more cost
// less than turning names by unrolling the rounds.
//
// Threads: none of its own. Owns: nothing. No branch and no address depends on secrets.
#pragma once

#include "cipher/csa/csa_key.h"

#define CSA_INLINE static inline __attribute__((always_inline))

enum {
	CSA_STEP = 4,
	CSA_BLOCK_BYTES = 8,
	CSA_LINE_BYTES = 64, // of a key record: what a direction of the block cipher reads
	CSA_ROUND_RING = 8,
};

// One byte each of the lanes of a step.
struct csa_row {
	csa_word of[CSA_STEP];
};

// a_i at i modulo 8; y_i at i modulo 2, in variables of their own where there are registers for them. Rounds 0 and 56
// begin at index 0.
#define CSA_ROUND_A(i) (a[(i) % CSA_ROUND_RING].of[g])
#define CSA_ROUND_Y(i) (y[(i) % 2].of[g])

CSA_INLINE void csa_state_load(struct csa_row *a, struct csa_row *y, const struct csa_row *w, unsigned groups)
{
	for (unsigned g = 0; g < groups; g++) {
		CSA_ROUND_A(0) = w[0].of[g];
		CSA_ROUND_A(1) = w[1].of[g];
		CSA_ROUND_A(2) = w[2].of[g] ^ CSA_ROUND_A(0);
		CSA_ROUND_A(3) = w[3].of[g] ^ CSA_ROUND_A(0) ^ CSA_ROUND_A(1);
		CSA_ROUND_A(4) = w[4].of[g] ^ CSA_ROUND_A(0) ^ CSA_ROUND_A(1) ^ CSA_ROUND_A(2);
		CSA_ROUND_A(5) = w[5].of[g] ^ CSA_ROUND_A(1) ^ CSA_ROUND_A(2) ^ CSA_ROUND_A(3);
		CSA_ROUND_Y(1) = w[6].of[g];
		CSA_ROUND_Y(0) = w[7].of[g];
	}
}

CSA_INLINE void csa_state_store(const struct csa_row *a, const struct csa_row *y, struct csa_row *w, unsigned groups)
{
	for (unsigned g = 0; g < groups; g++) {
		w[0].of[g] = CSA_ROUND_A(0);
		w[1].of[g] = CSA_ROUND_A(1);
		w[2].of[g] = CSA_ROUND_A(2) ^ CSA_ROUND_A(0);
		w[3].of[g] = CSA_ROUND_A(3) ^ CSA_ROUND_A(0) ^ CSA_ROUND_A(1);
		w[4].of[g] = CSA_ROUND_A(4) ^ CSA_ROUND_A(0) ^ CSA_ROUND_A(1) ^ CSA_ROUND_A(2);
		w[5].of[g] = CSA_ROUND_A(5) ^ CSA_ROUND_A(1) ^ CSA_ROUND_A(2) ^ CSA_ROUND_A(3);
		w[6].of[g] = CSA_ROUND_Y(1);
		w[7].of[g] = CSA_ROUND_Y(0);
	}
}

CSA_INLINE void csa_rows_xor(struct csa_row *to, const struct csa_row *with, unsigned rows, unsigned groups)
{
	for (unsigned j = 0; j < rows; j++)
		for (unsigned g = 0; g < groups; g++)
			to[j].of[g] ^= with[j].of[g];
}

// Round i: `older` is y_{i-1} before and y_{i+1} after.
CSA_INLINE void csa_encrypt_round(const struct csa_tables *tables, unsigned i, const struct csa_row *q,
				  struct csa_row *a, const struct csa_row *y, struct csa_row *older, unsigned groups)
{
#pragma GCC unroll 4
	for (unsigned g = 0; g < groups; g++) {
		csa_word s = csa_block_sbox(tables, y->of[g]), p = csa_block_permute(tables, s);

		CSA_ROUND_A(i + 6) = older->of[g] ^ p ^ CSA_ROUND_A(i + 2) ^ CSA_ROUND_A(i + 3) ^ CSA_ROUND_A(i + 4);
		older->of[g] = CSA_ROUND_A(i) ^ q->of[g] ^ s;
	}
}

// `line` is the first of the key records: Q_0..Q_55, k_0, out.
CSA_INLINE void csa_block_encrypt(const struct csa_tables *tables, const struct csa_row line[CSA_LINE_BYTES],
				  struct csa_row w[CSA_BLOCK_BYTES], unsigned groups)
{
	struct csa_row a[CSA_ROUND_RING], y[2];

	csa_state_load(a, y, w, groups);
	csa_rows_xor(&y[0], line + DP_CSA_ROUNDS, 1, groups);
	for (unsigned i = 0; i < DP_CSA_ROUNDS; i += 2) {
		csa_encrypt_round(tables, i, &line[i], a, &y[0], &y[1], groups);
		csa_encrypt_round(tables, i + 1, &line[i + 1], a, &y[1], &y[0], groups);
	}
	csa_state_store(a, y, w, groups);
	csa_rows_xor(w, line + DP_CSA_ROUNDS + 1, CSA_BLOCK_BYTES - 1, groups);
}

// Round i backwards, on the recurrence without its shift; y_i here is W7 at round i:
//   S = sbox(y_i ^ k_i)   a_i = y_{i+1} ^ S   y_{i-1} = a_{i+6} ^ P(S) ^ a_{i+2} ^ a_{i+3} ^ a_{i+4}
// `newer` is y_{i+1} before and y_{i-1} after.
CSA_INLINE void csa_decrypt_round(const struct csa_tables *tables, unsigned i, const struct csa_row *k,
				  struct csa_row *a, const struct csa_row *y, struct csa_row *newer, unsigned groups)
{
#pragma GCC unroll 4
	for (unsigned g = 0; g < groups; g++) {
		csa_word s = csa_block_sbox(tables, y->of[g] ^ k->of[g]), p = csa_block_permute(tables, s);

		CSA_ROUND_A(i) = newer->of[g] ^ s;
		newer->of[g] = CSA_ROUND_A(i + 6) ^ p ^ CSA_ROUND_A(i + 2) ^ CSA_ROUND_A(i + 3) ^ CSA_ROUND_A(i + 4);
	}
}

// `line` is the second of the key records: the CW, k_0..k_55.
CSA_INLINE void csa_block_decrypt(const struct csa_tables *tables, const struct csa_row line[CSA_LINE_BYTES],
				  struct csa_row w[CSA_BLOCK_BYTES], unsigned groups)
{
	const struct csa_row *k = line + CSA_BLOCK_BYTES;
	struct csa_row a[CSA_ROUND_RING], y[2];

	csa_state_load(a, y, w, groups);
	for (unsigned i = DP_CSA_ROUNDS; i > 0; i -= 2) {
		csa_decrypt_round(tables, i - 1, &k[i - 1], a, &y[1], &y[0], groups);
		csa_decrypt_round(tables, i - 2, &k[i - 2], a, &y[0], &y[1], groups);
	}
	csa_state_store(a, y, w, groups);
}
