// SPDX-License-Identifier: GPL-3.0-or-later
// The block cipher of DVB-CSA on byte slices: 64 lanes in a register, each with its key; AVX-512 with VBMI and GFNI.
//
// A look-up in 256 bytes is two permutes of 128 bytes, between which bit 7 of the index selects, spread over its byte
// by an affine map; another affine map is P. A round depends on the one before, so that up to four groups of lanes run
// side by side: a step. The rounds' instructions are pinned one by one: what the compilers make of the same in
// intrinsics takes half as long again, for they move registers about that all have a purpose.
//
// Scrambling chains blocks. Entry and exit of csa_key.h are linear: the chained block enters as the state in which the
// last one ended, plus the entry of what came in. That keeps the way from block to block short.
//
// Before including this a kernel defines csa_word. Threads: any. Owns: the caller's memory. Constant time: the S-box
// stands in registers.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "cipher/csa/csa_key.h"
#include "cipher/csa/csa_tables.h"

enum {
	CSA_STEP = 4,
	CSA_BLOCK_BYTES = 8,
	CSA_LINE_BYTES = 64, // of a key record: what a direction of the block cipher reads
	CSA_A_RING = 8,
};

// One byte each of the lanes of a step.
struct csa_row {
	csa_word of[CSA_STEP];
};

// a_i..a_{i+5} of csa_key.h at their index modulo 8, and y_{i-1}, y_i at theirs modulo 2.
struct csa_state {
	struct csa_row a[CSA_A_RING], y[2];
};

struct csa_box {
	__m512i table[4]; // the S-box
	__m512i spread;   // bit 7 of a byte to all its bits
	__m512i permute;  // P
};

#define CSA_INLINE static inline __attribute__((always_inline))

CSA_INLINE struct csa_box csa_box_load(void)
{
	struct csa_box box = {
		.spread = _mm512_set1_epi64((long long)0x8080808080808080),
		.permute = _mm512_set1_epi64(0x4001108008042002),
	};

#pragma GCC unroll 4
	for (unsigned i = 0; i < 4; i++)
		box.table[i] = _mm512_loadu_si512(dp_csa_block_sbox + (size_t)64 * i);
	return box;
}

// One instruction, where it is written.
#define CSA_ISSUE(text, ...) __asm__ volatile(text : __VA_ARGS__)

// S of every byte.
CSA_INLINE csa_word csa_look_up(const struct csa_box *box, csa_word y)
{
	csa_word low = y, s = y, upper;

	CSA_ISSUE("vpermi2b %2, %1, %0", "+v"(low) : "v"(box->table[0]), "v"(box->table[1]));
	CSA_ISSUE("vpermi2b %2, %1, %0", "+v"(s) : "v"(box->table[2]), "v"(box->table[3]));
	CSA_ISSUE("vgf2p8affineqb $0, %2, %1, %0", "=v"(upper) : "v"(y), "v"(box->spread));
	CSA_ISSUE("vpternlogq $0xe2, %2, %1, %0", "+v"(s) : "v"(upper), "v"(low));
	return s;
}

CSA_INLINE void csa_xor_to(csa_word *to, csa_word with)
{
	CSA_ISSUE("vpxorq %1, %0, %0", "+v"(*to) : "v"(with));
}

CSA_INLINE void csa_xor_row(csa_word *to, const csa_word *with)
{
	CSA_ISSUE("vpxorq %1, %0, %0", "+v"(*to) : "m"(*with));
}

// P(s) too.
CSA_INLINE void csa_xor_permuted(csa_word *to, const struct csa_box *box, csa_word s)
{
	csa_word p;

	CSA_ISSUE("vgf2p8affineqb $0, %2, %1, %0", "=v"(p) : "v"(s), "v"(box->permute));
	csa_xor_to(to, p);
}

// Does `call` for the first `groups` numbers g, which are constants of it. A loop would not be unrolled everywhere.
#define CSA_EACH_GROUP(groups, call)    \
	do {                            \
		{                       \
			enum { g = 0 }; \
			call;           \
		}                       \
		if ((groups) > 1) {     \
			enum { g = 1 }; \
			call;           \
		}                       \
		if ((groups) > 2) {     \
			enum { g = 2 }; \
			call;           \
		}                       \
		if ((groups) > 3) {     \
			enum { g = 3 }; \
			call;           \
		}                       \
	} while (0)

#define CSA_STATE_A(i) (s->a[(i) % CSA_A_RING].of[g])
#define CSA_STATE_Y(i) (s->y[(i) % 2].of[g])

// What of a group's state the rounds have in registers: y_i and y_{i-1}, and the two youngest of the a's that they
// read.
struct csa_live {
	csa_word y[2][CSA_STEP], young[2][CSA_STEP], s[CSA_STEP];
};

CSA_INLINE void csa_live_load(struct csa_live *live, const struct csa_state *s, unsigned g, unsigned young)
{
	live->y[0][g] = CSA_STATE_Y(0);
	live->y[1][g] = CSA_STATE_Y(1);
	live->young[0][g] = CSA_STATE_A(young);
	live->young[1][g] = CSA_STATE_A(young + 1);
	live->s[g] = (csa_word){0};
}

CSA_INLINE void csa_live_store(const struct csa_live *live, struct csa_state *s, unsigned g)
{
	CSA_STATE_Y(0) = live->y[0][g];
	CSA_STATE_Y(1) = live->y[1][g];
}

// The end of round i: P(S) to a_{i+6}.
CSA_INLINE void csa_round_end(const struct csa_box *box, struct csa_state *s, struct csa_live *live, unsigned g,
			      unsigned i)
{
	csa_word *young = &live->young[i % 2][g];

	csa_xor_permuted(young, box, live->s[g]);
	CSA_ISSUE("vmovdqa64 %1, %0", "=m"(CSA_STATE_A(i + 6)) : "v"(*young));
}

// Round i but for its end, which waits for the next round's look-up to be under way: y_{i-1} makes place for y_{i+1},
// a_{i+4} for a_{i+6}.
CSA_INLINE void csa_round(const struct csa_box *box, const struct csa_row *q, struct csa_state *s,
			  struct csa_live *live, unsigned g, unsigned i)
{
	csa_word *older = &live->y[(i + 1) % 2][g], *young = &live->young[i % 2][g];
	csa_word x = csa_look_up(box, live->y[i % 2][g]);

	csa_round_end(box, s, live, g, i + CSA_A_RING - 1);
	csa_xor_row(older, &CSA_STATE_A(i + 2));
	csa_xor_row(older, &CSA_STATE_A(i + 3));
	csa_xor_to(young, *older);
	CSA_ISSUE("vmovdqa64 %1, %0", "=v"(*older) : "m"(CSA_STATE_A(i)));
	csa_xor_row(older, &q[i].of[g]);
	csa_xor_to(older, x);
	live->s[g] = x;
}

// The 56 rounds.
CSA_INLINE void csa_rounds(const struct csa_box *box, const struct csa_row *q, struct csa_state *s, unsigned groups)
{
	struct csa_live live;

	CSA_EACH_GROUP(groups, csa_live_load(&live, s, g, 4));
	for (const struct csa_row *end = q + DP_CSA_ROUNDS; q < end; q += CSA_A_RING) {
		CSA_EACH_GROUP(groups, csa_round(box, q, s, &live, g, 0));
		CSA_EACH_GROUP(groups, csa_round(box, q, s, &live, g, 1));
		CSA_EACH_GROUP(groups, csa_round(box, q, s, &live, g, 2));
		CSA_EACH_GROUP(groups, csa_round(box, q, s, &live, g, 3));
		CSA_EACH_GROUP(groups, csa_round(box, q, s, &live, g, 4));
		CSA_EACH_GROUP(groups, csa_round(box, q, s, &live, g, 5));
		CSA_EACH_GROUP(groups, csa_round(box, q, s, &live, g, 6));
		CSA_EACH_GROUP(groups, csa_round(box, q, s, &live, g, 7));
	}
	CSA_EACH_GROUP(groups, csa_round_end(box, s, &live, g, CSA_A_RING - 1));
	CSA_EACH_GROUP(groups, csa_live_store(&live, s, g));
}

// Round i backwards, on the recurrence without its shift; y_i is W7 at round i, k has k_i:
//   S = sbox(y_i ^ k_i)   a_i = y_{i+1} ^ S   y_{i-1} = a_{i+6} ^ P(S) ^ a_{i+2} ^ a_{i+3} ^ a_{i+4}
CSA_INLINE void csa_round_back(const struct csa_box *box, const struct csa_row *k, struct csa_state *s,
			       struct csa_live *live, unsigned g, unsigned i)
{
	csa_word in = live->y[i % 2][g], a = live->y[(i + 1) % 2][g], sum = live->young[i % 2][g], x;

	csa_xor_row(&in, &k[i].of[g]);
	x = csa_look_up(box, in);
	csa_xor_row(&sum, &CSA_STATE_A(i + 3));
	csa_xor_row(&sum, &CSA_STATE_A(i + 4));
	csa_xor_row(&sum, &CSA_STATE_A(i + 6));
	csa_xor_to(&a, x);
	csa_xor_permuted(&sum, box, x);
	CSA_ISSUE("vmovdqa64 %1, %0", "=m"(CSA_STATE_A(i)) : "v"(a));
	live->y[(i + 1) % 2][g] = sum;
	live->young[i % 2][g] = a;
}

// The 56 rounds backwards; `k` are k_0..k_55.
CSA_INLINE void csa_rounds_back(const struct csa_box *box, const struct csa_row *k, struct csa_state *s,
				unsigned groups)
{
	struct csa_live live;

	CSA_EACH_GROUP(groups, csa_live_load(&live, s, g, 0));
	for (const struct csa_row *at = k + DP_CSA_ROUNDS; at > k;) {
		at -= CSA_A_RING;
		CSA_EACH_GROUP(groups, csa_round_back(box, at, s, &live, g, 7));
		CSA_EACH_GROUP(groups, csa_round_back(box, at, s, &live, g, 6));
		CSA_EACH_GROUP(groups, csa_round_back(box, at, s, &live, g, 5));
		CSA_EACH_GROUP(groups, csa_round_back(box, at, s, &live, g, 4));
		CSA_EACH_GROUP(groups, csa_round_back(box, at, s, &live, g, 3));
		CSA_EACH_GROUP(groups, csa_round_back(box, at, s, &live, g, 2));
		CSA_EACH_GROUP(groups, csa_round_back(box, at, s, &live, g, 1));
		CSA_EACH_GROUP(groups, csa_round_back(box, at, s, &live, g, 0));
	}
	CSA_EACH_GROUP(groups, csa_live_store(&live, s, g));
}

// To a state, from it or both: sums of w.
CSA_INLINE void csa_enter(csa_word to[CSA_BLOCK_BYTES], const csa_word w[CSA_BLOCK_BYTES])
{
	to[0] = w[0];
	to[1] = w[1];
	to[2] = w[2] ^ w[0];
	to[3] = w[3] ^ w[0] ^ w[1];
	to[4] = w[4] ^ w[1] ^ w[2];
	to[5] = w[5] ^ w[2] ^ w[3];
	to[6] = w[6];
	to[7] = w[7];
}

CSA_INLINE void csa_leave(csa_word w[CSA_BLOCK_BYTES], const csa_word a[CSA_BLOCK_BYTES])
{
	w[0] = a[0];
	w[1] = a[1];
	w[2] = a[2] ^ a[0];
	w[3] = a[3] ^ a[0] ^ a[1];
	w[4] = a[4] ^ a[0] ^ a[1] ^ a[2];
	w[5] = a[5] ^ a[1] ^ a[2] ^ a[3];
	w[6] = a[6];
	w[7] = a[7];
}
