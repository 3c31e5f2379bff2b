// SPDX-License-Identifier: GPL-3.0-or-later
// The constants of DVB-CSA: what the description in csa_reference.h calls its tables.
//
// Refs: ETSI TS 100 289 names the algorithm; its text goes to licensees only. The constants are as the published
// analyses print them (Weinmann and Wirt, "Analysis of the DVB Common Scrambling Algorithm", 2004) and every open
// descrambler has them. Threads: any; const.
#pragma once

#include <stdint.h>

// Block cipher: the S-box, and where its permutation P takes each bit (bit b goes to bit dp_csa_block_bit[b]).
extern const uint8_t dp_csa_block_sbox[256];
extern const uint8_t dp_csa_block_bit[8];

// Key schedule: bit 4r + j of the control word goes to the j-th bit named in row r. Bit 0 is the most significant of
// byte 0.
// clang-format off
#define DP_CSA_KEY_BITS(ROW) \
	ROW(17, 35, 8, 6) ROW(41, 48, 28, 20) ROW(27, 53, 61, 49) ROW(18, 32, 58, 63) \
	ROW(23, 19, 36, 38) ROW(1, 52, 26, 0) ROW(33, 3, 12, 13) ROW(56, 39, 25, 40) \
	ROW(50, 34, 51, 11) ROW(21, 47, 29, 57) ROW(44, 30, 7, 24) ROW(22, 46, 60, 16) \
	ROW(59, 4, 55, 42) ROW(10, 5, 9, 43) ROW(31, 62, 45, 14) ROW(2, 37, 15, 54)
// clang-format on

// A bit of the stream cipher's register A or B: cell 1..10, bit 0..3.
struct dp_csa_tap {
	uint8_t cell, bit;
};

// Stream cipher: S-boxes 1..7 of five bits to two, the five bits of A that each reads (most significant first), and the
// bits of B whose sum is each bit of the nibble that goes to D (bit 3 first).
extern const uint8_t dp_csa_stream_sbox[7][32];
extern const struct dp_csa_tap dp_csa_stream_tap[7][5];
extern const struct dp_csa_tap dp_csa_stream_fold[4][4];

// P of the block cipher.
static inline uint8_t dp_csa_block_permute(uint8_t s)
{
	unsigned p = 0;

	for (unsigned b = 0; b < 8; b++)
		p |= (s >> b & 1u) << dp_csa_block_bit[b];
	return (uint8_t)p;
}
