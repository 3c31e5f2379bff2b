// SPDX-License-Identifier: GPL-3.0-or-later
// ECB both ways, and descrambling in chained modes, with AES instructions: here the blocks of a lane do not wait for
// each other, and a vector holds VEC_LANES blocks of one lane in their order.
//
// Stands on the vectors of the including file (aes_lanes.h).
// Threads: any; no memory but the stack's.
#pragma once

#include "cipher/aes/aes_key.h"
#include "cipher/aes/lane_modes.h"

enum { ROW_BYTES = VEC_LANES * LANE_BLOCK_BYTES, ROWS = 192 / ROW_BYTES };

static inline void rows_xor(vec *x, vec k)
{
#pragma GCC unroll 16
	for (unsigned i = 0; i < ROWS; i++)
		x[i] = vec_xor(x[i], k);
}

static inline void rows_encrypt(vec *x, const struct dp_aes_key *key)
{
	vec k = vec_broadcast(key->round[DP_AES_ROUNDS]);

	rows_xor(x, vec_broadcast(key->round[0]));
#pragma GCC unroll 16
	for (unsigned round = 1; round < DP_AES_ROUNDS; round++)
#pragma GCC unroll 16
		for (unsigned i = 0; i < ROWS; i++)
			x[i] = vec_aesenc(x[i], vec_broadcast(key->round[round]));
#pragma GCC unroll 16
	for (unsigned i = 0; i < ROWS; i++)
		x[i] = vec_aesenclast(x[i], k);
}

// The equivalent inverse cipher, FIPS 197 5.3.5: InvMixColumns goes through the round keys between.
static inline void rows_decrypt(vec *x, const struct dp_aes_key *key)
{
	vec k = vec_broadcast(key->round[0]);

	rows_xor(x, vec_broadcast(key->round[DP_AES_ROUNDS]));
#pragma GCC unroll 16
	for (unsigned round = DP_AES_ROUNDS - 1; round > 0; round--) {
		vec mixed = vec_repeat(_mm_aesimc_si128(_mm_load_si128((const __m128i *)key->round[round])));

#pragma GCC unroll 16
		for (unsigned i = 0; i < ROWS; i++)
			x[i] = vec_aesdec(x[i], mixed);
	}
#pragma GCC unroll 16
	for (unsigned i = 0; i < ROWS; i++)
		x[i] = vec_aesdeclast(x[i], k);
}

// The pad of an IDSA residue: the last ciphertext block, or the IV, encrypted.
static inline __m128i rows_pad(const struct lane_mode *mode, const struct dp_lane *lane)
{
	const __m128i *key = lane->key;
	__m128i x = _mm_loadu_si128((const __m128i *)lane_before(mode, lane, lane_blocks(lane)));

	x = _mm_xor_si128(x, key[0]);
	for (unsigned round = 1; round < DP_AES_ROUNDS; round++)
		x = _mm_aesenc_si128(x, key[round]);
	return _mm_aesenclast_si128(x, key[DP_AES_ROUNDS]);
}

// XORs the blocks before.
static inline void rows_chain(const struct lane_mode *mode, const vec *text, vec *x)
{
#pragma GCC unroll 16
	for (unsigned i = 0; i < ROWS; i++)
		x[i] = vec_xor(x[i], vec_shift_in(i ? text[i - 1] : vec_broadcast(mode->iv), text[i]));
}

static inline void rows_lane(const struct lane_mode *mode, const struct dp_lane *lane, bool scramble)
{
	bool padded = mode->whole && lane_residue(lane);
	__m128i pad = padded ? rows_pad(mode, lane) : _mm_setzero_si128();
	vec bytes = vec_of_row(lane->n), text[ROWS], x[ROWS];

#pragma GCC unroll 16
	for (unsigned i = 0; i < ROWS; i++)
		x[i] = text[i] = vec_load(lane->src + i * ROW_BYTES);
	if (scramble)
		rows_encrypt(x, lane->key);
	else
		rows_decrypt(x, lane->key);
	if (mode->chained)
		rows_chain(mode, text, x);
#pragma GCC unroll 16
	for (unsigned i = 0; i < ROWS; i++)
		x[i] = vec_choose(bytes, i * ROW_BYTES + LANE_BLOCK_BYTES - 1, x[i], text[i]);
	vec_store(lane->dst, lane->n, x);
	if (padded) {
		uint8_t *end = lane->dst + lane->n - lane_residue(lane);

		lane_xor(end, end, (const uint8_t *)&pad, lane_residue(lane));
	}
}

static inline void rows(const struct lane_mode *mode, struct dp_lane *lanes, unsigned n, bool scramble)
{
	for (unsigned i = 0; i < n; i++) {
		rows_lane(mode, &lanes[i], scramble);
		lanes[i].done = true;
	}
}
