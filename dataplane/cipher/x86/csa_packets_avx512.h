// SPDX-License-Identifier: GPL-3.0-or-later
// Packets to byte slices and back, 64 lanes at a time, with AVX-512 F and BW.
//
// A byte slice is one byte of every lane; slices[8 * block + byte][lane]. Sixty-four rows of 64 bytes are turned in two
// steps: 16-byte pieces of rows r, r + 16, r + 32 and r + 48 come together in one register, and sixteen such registers
// are turned within their quarters. Both steps are their own inverse.
//
// Threads: any. Owns: the caller's memory.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "cipher/cipher.h"

enum {
	CSA_GROUP = 64, // lanes in a register of bytes
	CSA_ROW = 64,   // bytes of a packet or key record that are turned at once
	CSA_PIECE = 16, // bytes of a row in a quarter of a register
	CSA_PIECES = CSA_ROW / CSA_PIECE,
	CSA_ROWS_MAX = 3 * CSA_ROW, // bytes of a packet in whole rows
};

// One of four equal rounds: the number of a register and a place in its quarter, as eight bits, turn left by one.
static inline __attribute__((always_inline)) void csa_shuffle_round(__m512i to[16], const __m512i from[16])
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < 8; i++) {
		to[2 * i] = _mm512_unpacklo_epi8(from[i], from[i + 8]);
		to[2 * i + 1] = _mm512_unpackhi_epi8(from[i], from[i + 8]);
	}
}

// Turns the 16 x 16 bytes of each quarter.
static inline __attribute__((always_inline)) void csa_turn_quarters(__m512i x[16])
{
	__m512i y[16];

	csa_shuffle_round(y, x);
	csa_shuffle_round(x, y);
	csa_shuffle_round(y, x);
	csa_shuffle_round(x, y);
}

// Turns 4 x 4 pieces.
static inline __attribute__((always_inline)) void csa_turn_pieces(__m512i x[4])
{
	__m512i low01 = _mm512_shuffle_i64x2(x[0], x[1], 0x44), high01 = _mm512_shuffle_i64x2(x[0], x[1], 0xee);
	__m512i low23 = _mm512_shuffle_i64x2(x[2], x[3], 0x44), high23 = _mm512_shuffle_i64x2(x[2], x[3], 0xee);

	x[0] = _mm512_shuffle_i64x2(low01, low23, 0x88);
	x[1] = _mm512_shuffle_i64x2(low01, low23, 0xdd);
	x[2] = _mm512_shuffle_i64x2(high01, high23, 0x88);
	x[3] = _mm512_shuffle_i64x2(high01, high23, 0xdd);
}

// Sixty-four bytes of 64 lanes from rows[lane] + at: byte b of all goes to to[b * stride]. `pieces` is overwritten.
static inline void csa_slices_of_rows(uint8_t *to, size_t stride, const uint8_t *const rows[CSA_GROUP], size_t at,
				      __m512i pieces[CSA_PIECES][CSA_PIECE])
{
	__m512i x[CSA_PIECE];

	for (unsigned r = 0; r < CSA_PIECE; r++) {
#pragma GCC unroll 4
		for (unsigned i = 0; i < CSA_PIECES; i++)
			x[i] = _mm512_loadu_si512(rows[r + CSA_PIECE * i] + at);
		csa_turn_pieces(x);
#pragma GCC unroll 4
		for (unsigned i = 0; i < CSA_PIECES; i++)
			pieces[i][r] = x[i];
	}
	for (unsigned i = 0; i < CSA_PIECES; i++) {
#pragma GCC unroll 16
		for (unsigned r = 0; r < CSA_PIECE; r++)
			x[r] = pieces[i][r];
		csa_turn_quarters(x);
#pragma GCC unroll 16
		for (unsigned b = 0; b < CSA_PIECE; b++)
			_mm512_store_si512(to + (CSA_PIECE * i + b) * stride, x[b]);
	}
}

// The first n (0..63) bytes of a register.
static inline __attribute__((always_inline)) void csa_store_some(uint8_t *dst, __m512i x, unsigned n)
{
	_mm512_mask_storeu_epi8(dst, (UINT64_C(1) << n) - 1, x);
}

// A lane's bytes out of its three rows. Most payloads end in the third.
static inline __attribute__((always_inline)) void csa_store_packet(struct dp_lane *lane, __m512i row0, __m512i row1,
								   __m512i row2)
{
	unsigned n = lane->n;
	uint8_t *dst = lane->dst;

	if (n >= 2 * CSA_ROW) {
		_mm512_storeu_si512(dst, row0);
		_mm512_storeu_si512(dst + CSA_ROW, row1);
		csa_store_some(dst + (size_t)2 * CSA_ROW, row2, n - 2 * CSA_ROW);
	} else if (n >= CSA_ROW) {
		_mm512_storeu_si512(dst, row0);
		csa_store_some(dst + CSA_ROW, row1, n - CSA_ROW);
	} else {
		csa_store_some(dst, row0, n);
	}
	lane->done = true;
}

// The `n` (1..64) lanes of a group from their byte slices: dst gets the lane's bytes, done becomes true. `pieces` is
// overwritten.
static inline void csa_packets_of_slices(struct dp_lane *lanes, unsigned n, const uint8_t *slices, size_t stride,
					 __m512i pieces[3 * CSA_PIECES][CSA_PIECE])
{
	for (unsigned i = 0; i < 3 * CSA_PIECES; i++) {
		__m512i x[CSA_PIECE];

#pragma GCC unroll 16
		for (unsigned b = 0; b < CSA_PIECE; b++)
			x[b] = _mm512_load_si512(slices + (CSA_PIECE * i + b) * stride);
		csa_turn_quarters(x);
#pragma GCC unroll 16
		for (unsigned r = 0; r < CSA_PIECE; r++)
			pieces[i][r] = x[r];
	}
	for (unsigned r = 0; r < CSA_PIECE && r < n; r++) {
		__m512i row[3][CSA_PIECES];

#pragma GCC unroll 3
		for (unsigned t = 0; t < 3; t++) {
#pragma GCC unroll 4
			for (unsigned i = 0; i < CSA_PIECES; i++)
				row[t][i] = pieces[CSA_PIECES * t + i][r];
			csa_turn_pieces(row[t]);
		}
#pragma GCC unroll 4
		for (unsigned i = 0; i < CSA_PIECES; i++) {
			unsigned l = r + CSA_PIECE * i;

			if (l < n)
				csa_store_packet(lanes + l, row[0][i], row[1][i], row[2][i]);
		}
	}
}
