// SPDX-License-Identifier: GPL-3.0-or-later
// Packets to byte slices and back, 32 lanes at a time, with AVX2.
//
// A byte slice is one byte of every lane. A register takes 16 bytes of lane r and 16 of lane r + 16; sixteen of them
// are turned within their halves, and are then the slices of 16 bytes. Turning is its own inverse.
//
// Threads: any. Owns: the caller's memory.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cipher/cipher.h"

enum {
	CSA_GROUP = 32,             // lanes in a register of bytes
	CSA_ROW = 64,               // bytes of a packet or key record that are turned at once
	CSA_PIECE = 16,             // bytes of a row in a half of a register
	CSA_ROWS_MAX = 3 * CSA_ROW, // bytes of a packet in whole rows
};

// Whole packets of a group, before each is cut to its length.
struct csa_pieces {
	uint8_t row[CSA_GROUP][CSA_ROWS_MAX];
};

// One of four equal rounds: the number of a register and a place in its half, as eight bits, turn left by one.
static inline void csa_shuffle_round(__m256i to[CSA_PIECE], const __m256i from[CSA_PIECE])
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < CSA_PIECE / 2; i++) {
		to[2 * i] = _mm256_unpacklo_epi8(from[i], from[i + CSA_PIECE / 2]);
		to[2 * i + 1] = _mm256_unpackhi_epi8(from[i], from[i + CSA_PIECE / 2]);
	}
}

// Turns the 16 x 16 bytes of each half.
static inline void csa_turn_halves(__m256i x[CSA_PIECE])
{
	__m256i y[CSA_PIECE];

	csa_shuffle_round(y, x);
	csa_shuffle_round(x, y);
	csa_shuffle_round(y, x);
	csa_shuffle_round(x, y);
}

// Sixteen bytes.
static inline void csa_slices_of_pieces(uint8_t *to, size_t stride, const uint8_t *const rows[CSA_GROUP], size_t at)
{
	__m256i x[CSA_PIECE];

#pragma GCC unroll 16
	for (unsigned r = 0; r < CSA_PIECE; r++)
		x[r] = _mm256_loadu2_m128i((const __m128i *)(rows[r + CSA_PIECE] + at),
					   (const __m128i *)(rows[r] + at));
	csa_turn_halves(x);
#pragma GCC unroll 16
	for (unsigned b = 0; b < CSA_PIECE; b++)
		_mm256_store_si256((__m256i *)(to + b * stride), x[b]);
}

// Sixty-four bytes of 32 lanes from rows[lane] + at: byte b of all goes to to[b * stride].
static inline void csa_slices_of_rows(uint8_t *to, size_t stride, const uint8_t *const rows[CSA_GROUP], size_t at,
				      uint8_t pieces[CSA_GROUP][CSA_ROWS_MAX])
{
	(void)pieces;
	for (unsigned b = 0; b < CSA_ROW; b += CSA_PIECE)
		csa_slices_of_pieces(to + b * stride, stride, rows, at + b);
}

static inline void csa_rows_of_slices(uint8_t to[CSA_GROUP][CSA_ROWS_MAX], const uint8_t *slices, size_t stride)
{
	for (size_t at = 0; at < CSA_ROWS_MAX; at += CSA_PIECE) {
		__m256i x[CSA_PIECE];

#pragma GCC unroll 16
		for (unsigned b = 0; b < CSA_PIECE; b++)
			x[b] = _mm256_load_si256((const __m256i *)(slices + (at + b) * stride));
		csa_turn_halves(x);
#pragma GCC unroll 16
		for (unsigned r = 0; r < CSA_PIECE; r++)
			_mm256_storeu2_m128i((__m128i *)(to[r + CSA_PIECE] + at), (__m128i *)(to[r] + at), x[r]);
	}
}

// The `n` (1..32) lanes of a group from their byte slices: dst gets the lane's bytes, done becomes true.
static inline void csa_packets_of_slices(struct dp_lane *lanes, unsigned n, const uint8_t *slices, size_t stride,
					 uint8_t to[CSA_GROUP][CSA_ROWS_MAX])
{
	csa_rows_of_slices(to, slices, stride);
	for (unsigned i = 0; i < n; i++) {
		// The usual length as a constant, so that it is a few moves.
		if (lanes[i].n == DP_CIPHER_BYTES_MAX)
			memcpy(lanes[i].dst, to[i], DP_CIPHER_BYTES_MAX);
		else
			memcpy(lanes[i].dst, to[i], lanes[i].n);
		lanes[i].done = true;
	}
}
