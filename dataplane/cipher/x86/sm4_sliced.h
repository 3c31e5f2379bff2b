// SPDX-License-Identifier: GPL-3.0-or-later
// SM4-CBC of many lanes abreast, byte-sliced: vector j of a word of the cipher has its byte j (0 the least significant)
// of every lane. To move the bytes of words thus is to name another vector, and the linear layer L costs additions
// alone. Bytes are kept as M of them (generate/sm4_fields.py): the S-box then is the inversion with two maps after it,
//
//   X_(i+4),k = X_i,k + sum of D_m over m != k,  D_m = Q(t_m) + P(t_(m+1 mod 4)),
//   t = X_(i+1) + X_(i+2) + X_(i+3) + rk_i
//
// A group is as many lanes as a vector has bytes. Two groups go through the rounds together, since one has not enough
// that can be done at once; its 16 lanes a 128-bit part of the vector make one transpose of bytes.
//
// The including file says what a vector is, before it includes this:
//   vec                              its type, with the operator ^
//   vec_chunks(from, at)             16 bytes each at from[0] + at, from[16] + at, ...
//   vec_store_chunks(to, at, x)      ... and to to[0] + at, to[16] + at, ...
//   vec_low(a, b), vec_high(a, b)    unpack bytes in each 128 bits
//   vec_enter(x), vec_leave(x)       M and its inverse
//   vec_key(x)                       M with the constant of the inversion's input
//   vec_sbox(t, &p, &q)              P and Q
//   NOW(x)                           makes x, of any vector type, here: the compiler puts off nothing of it
//                                    and does not regroup its additions
//
// Refs: GB/T 32907-2016; GB/T 17964 (CBC).
// Threads: any. Owns: scratch is the caller's.
#pragma once

#include <base_secret.h>

#include "cipher/aes/lane_modes.h"
#include "cipher/cipher.h"
#include "cipher/sm4/sm4_key.h"

enum { WORDS = 4, BLOCK_BYTES = 16, GROUP_LANES = sizeof(vec), GROUPS = 2, LANES = GROUPS * GROUP_LANES };

typedef vec word[4];

struct group {
	word round[DP_SM4_ROUNDS];
	word x[WORDS];
	vec text[2][BLOCK_BYTES]; // when descrambling: the ciphertext of this step and of the last, in turns
	const uint8_t *src[GROUP_LANES];
	uint8_t *dst[GROUP_LANES];
	int64_t blocks[GROUP_LANES];
	int64_t least, most; // ... of these
};

struct scratch {
	struct group group[GROUPS];
	uint8_t spare[DP_CIPHER_BYTES_MAX]; // where lanes go that there are not or that have ended
};

#define INLINE static inline __attribute__((always_inline))

// Index 16i + j (byte j of vector i, in each 128 bits) turned left by one bit.
INLINE void turn(vec *to, const vec *from)
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < 8; i++) {
		to[2 * i] = vec_low(from[i], from[i + 8]);
		to[2 * i + 1] = vec_high(from[i], from[i + 8]);
	}
}

// Sixteen vectors of chunks to the vectors of their bytes, and back: four turns exchange vector and byte.
INLINE void transpose(vec *x)
{
	vec y[BLOCK_BYTES];

	turn(y, x);
	turn(x, y);
	turn(y, x);
	turn(x, y);
}

INLINE void load(vec *x, const uint8_t *const *from, size_t at)
{
#pragma GCC unroll 16
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		x[i] = vec_chunks(from + i, at);
	transpose(x);
}

INLINE void store(vec *x, uint8_t *const *to, size_t at)
{
	transpose(x);
#pragma GCC unroll 16
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		vec_store_chunks(to + i, at, x[i]);
}

// Keeps the compiler from remembering in a register what is in memory.
#define IN_MEMORY(x) __asm__("" : "+m"(x))

// x0 = was ^ L(S(x1 ^ x2 ^ x3 ^ rk)), and the same to `was`.
INLINE void one_round(vec *was, vec *x0, const vec *x1, const vec *x2, const vec *x3, const vec *rk)
{
	vec first_p, p, q[2], d[4], d01, d23;

	vec_sbox(x1[0] ^ rk[0] ^ x2[0] ^ x3[0], &first_p, &q[0]);
	vec_sbox(x1[1] ^ rk[1] ^ x2[1] ^ x3[1], &p, &q[1]);
	d[0] = q[0] ^ p;
	NOW(d[0]);
	vec_sbox(x1[2] ^ rk[2] ^ x2[2] ^ x3[2], &p, &q[0]);
	d[1] = q[1] ^ p;
	NOW(d[1]);
	x0[0] = was[0] ^ d[1];
	x0[1] = was[1] ^ d[0];
	vec_sbox(x1[3] ^ rk[3] ^ x2[3] ^ x3[3], &p, &q[1]);
	d[2] = q[0] ^ p;
	NOW(d[2]);
	d[3] = q[1] ^ first_p;
	NOW(d[3]);
	d01 = d[0] ^ d[1];
	NOW(d01);
	d23 = d[2] ^ d[3];
	NOW(d23);
	x0[0] ^= d23;
	x0[1] ^= d23;
	x0[2] = (was[2] ^ d[3]) ^ d01;
	x0[3] = (was[3] ^ d[2]) ^ d01;
#pragma GCC unroll 4
	for (unsigned j = 0; j < 4; j++) {
		was[j] = x0[j];
		IN_MEMORY(was[j]);
	}
}

// The rounds of `n` groups. Four words of two groups are all the registers there are. But a word is wanted in the three
// rounds after it was made, and then once more to be added to: for that it waits in g->x.
INLINE void rounds(struct group *g, unsigned n)
{
	vec x[GROUPS][WORDS][4];

#pragma GCC unroll 2
	for (unsigned i = 0; i < n; i++)
#pragma GCC unroll 4
		for (unsigned w = 0; w < WORDS; w++)
#pragma GCC unroll 4
			for (unsigned j = 0; j < 4; j++)
				x[i][w][j] = g[i].x[w][j];
	for (unsigned round = 0; round < DP_SM4_ROUNDS; round += WORDS)
#pragma GCC unroll 4
		for (unsigned w = 0; w < WORDS; w++)
#pragma GCC unroll 2
			for (unsigned i = 0; i < n; i++)
				one_round(g[i].x[w], x[i][w], x[i][(w + 1) % WORDS], x[i][(w + 2) % WORDS],
					  x[i][(w + 3) % WORDS], g[i].round[round + w]);
}

// Where byte i of a block is in the words: the first is the most significant.
INLINE vec *place(word *x, unsigned i)
{
	return &x[i / 4][3 - i % 4];
}

// ... and where it is after the rounds, which leave the words in the opposite order.
INLINE vec *place_after(word *x, unsigned i)
{
	return &x[WORDS - 1 - i / 4][3 - i % 4];
}

// Block `step`, chained to the last one's ciphertext, which is still in the words.
INLINE void enter_scramble(struct group *g, int64_t step)
{
	vec text[BLOCK_BYTES];

	load(text, g->src, (size_t)step * BLOCK_BYTES);
#pragma GCC unroll 16
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		text[i] = vec_enter(text[i]) ^ *place_after(g->x, i);
#pragma GCC unroll 16
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		*place(g->x, i) = text[i];
}

INLINE void enter_descramble(struct group *g, int64_t step)
{
	vec *text = g->text[step % 2];

	load(text, g->src, (size_t)step * BLOCK_BYTES);
#pragma GCC unroll 16
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		*place(g->x, i) = vec_enter(text[i]);
}

INLINE void leave(struct group *g, uint8_t *spare, int64_t step, bool scramble)
{
	size_t at = (size_t)step * BLOCK_BYTES;
	uint8_t *to[GROUP_LANES];
	vec text[BLOCK_BYTES];

#pragma GCC unroll 16
	for (unsigned i = 0; i < BLOCK_BYTES; i++) {
		text[i] = vec_leave(*place_after(g->x, i));
		if (!scramble)
			text[i] ^= g->text[(step + 1) % 2][i];
	}
	if (step < g->least) {
		store(text, g->dst, at);
		return;
	}
	for (unsigned i = 0; i < GROUP_LANES; i++)
		to[i] = step < g->blocks[i] ? g->dst[i] + at : spare;
	store(text, to, 0);
}

// Rounds are walked from the last to the first when descrambling. A chunk of a key record has four round keys.
static void load_keys(struct group *g, const uint8_t *const *key, bool scramble)
{
	for (unsigned i = 0; i < DP_SM4_ROUNDS; i += 4) {
		vec chunk[BLOCK_BYTES];

		load(chunk, key, sizeof(uint32_t) * i);
#pragma GCC unroll 16
		for (unsigned k = 0; k < BLOCK_BYTES; k++)
			g->round[scramble ? i + k / 4 : DP_SM4_ROUNDS - 1 - i - k / 4][k % 4] = vec_key(chunk[k]);
	}
}

// Exactly the bytes after the whole blocks.
static void finish(struct dp_lane *lane)
{
	unsigned residue = lane_residue(lane), at = lane->n - residue;

	if (lane->dst != lane->src)
		for (unsigned bytes = BLOCK_BYTES / 2; bytes; bytes /= 2)
			if (residue & bytes) {
				memcpy(lane->dst + at, lane->src + at, bytes);
				at += bytes;
			}
	lane->done = true;
}

// `n` lanes, at least one. Lanes that are missing read the first one's payload with its key, and write to `spare`.
static void begin(struct group *g, uint8_t *spare, struct dp_lane *lanes, unsigned n, bool scramble)
{
	const uint8_t *key[GROUP_LANES];

	g->least = g->most = lane_blocks(&lanes[0]);
	for (unsigned i = 0; i < GROUP_LANES; i++) {
		struct dp_lane *lane = &lanes[i < n ? i : 0];
		int64_t blocks = lane_blocks(lane);

		key[i] = lane->key;
		g->src[i] = lane->src;
		g->dst[i] = i < n ? lane->dst : spare;
		g->blocks[i] = blocks;
		g->least = blocks < g->least ? blocks : g->least;
		g->most = blocks > g->most ? blocks : g->most;
		if (i < n)
			finish(lane);
	}
	if (g->most)
		load_keys(g, key, scramble);
	memset(scramble ? (void *)g->x : (void *)g->text[1], 0, sizeof(g->x));
}

INLINE void walk_one(struct scratch *s, bool scramble)
{
	struct group *g = s->group;

	for (int64_t step = 0; step < g->most; step++) {
		if (scramble)
			enter_scramble(g, step);
		else
			enter_descramble(g, step);
		rounds(g, 1);
		leave(g, s->spare, step, scramble);
	}
}

INLINE void walk_two(struct scratch *s, bool scramble)
{
	struct group *g = s->group;

	for (int64_t step = 0; step < g[0].most || step < g[1].most; step++) {
		for (unsigned i = 0; i < GROUPS; i++)
			if (scramble)
				enter_scramble(&g[i], step);
			else
				enter_descramble(&g[i], step);
		rounds(g, GROUPS);
		for (unsigned i = 0; i < GROUPS; i++)
			leave(&g[i], s->spare, step, scramble);
	}
}

INLINE void walk(struct scratch *s, struct dp_lane *lanes, unsigned n, bool scramble)
{
	while (n > 0) {
		unsigned first = n < GROUP_LANES ? n : GROUP_LANES;
		unsigned second = n - first < GROUP_LANES ? n - first : GROUP_LANES;

		begin(&s->group[0], s->spare, lanes, first, scramble);
		if (second) {
			begin(&s->group[1], s->spare, lanes + first, second, scramble);
			walk_two(s, scramble);
		} else {
			walk_one(s, scramble);
		}
		lanes += first + second;
		n -= first + second;
	}
	base_secret_scrub(s, sizeof(*s));
}

static void sm4_scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	walk(scratch, lanes, n, true);
}

static void sm4_descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	walk(scratch, lanes, n, false);
}
