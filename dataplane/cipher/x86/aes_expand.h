// SPDX-License-Identifier: GPL-3.0-or-later
// The key expansion of AES-128 with the instruction made for it. For kernels that have AES.
//
// Refs: FIPS 197 clause 5.2; Intel SDM volume 2, AESKEYGENASSIST.
// Threads: any; pure.
#pragma once

#include <immintrin.h>

#include "cipher/aes/aes_key.h"

// The round key after `key`: its words summed up from the left, and SubWord(RotWord(w3)) ^ Rcon to each.
static inline __m128i aes_expand_next(__m128i key, __m128i assist)
{
	key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
	key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
	return _mm_xor_si128(key, _mm_shuffle_epi32(assist, _MM_SHUFFLE(3, 3, 3, 3)));
}

static inline void aes_expand(struct dp_aes_key *to, const uint8_t *cw)
{
	__m128i key = _mm_loadu_si128((const __m128i *)cw);
	__m128i *round = (__m128i *)to->round;

	_mm_store_si128(&round[0], key);
// Rcon is part of the instruction.
#define ROUND(i, rcon)                                                    \
	key = aes_expand_next(key, _mm_aeskeygenassist_si128(key, rcon)); \
	_mm_store_si128(&round[i], key)
	ROUND(1, 0x01);
	ROUND(2, 0x02);
	ROUND(3, 0x04);
	ROUND(4, 0x08);
	ROUND(5, 0x10);
	ROUND(6, 0x20);
	ROUND(7, 0x40);
	ROUND(8, 0x80);
	ROUND(9, 0x1b);
	ROUND(10, 0x36);
#undef ROUND
}
