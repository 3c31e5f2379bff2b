// SPDX-License-Identifier: GPL-3.0-or-later
// S-box and permutation of the block cipher of DVB-CSA, 32 lanes in a ymm register, with AVX2 alone.
//
// A vpshufb looks a low nibble up in 16 bytes, and gives 0 where bit 7 of the index is set. That 0 is a select by XOR:
// the indices x, x ^ 80, x - 40 and (x ^ 80) - 40 (saturating, so that they stay negative) let a table speak for bytes
// from 00 to 7f, from 80 to ff, from 40 to 7f and from c0 to ff alone. Three XORs join four tables that way, and two
// levels of vpblendvb choose by bits 5 and 4, which are bit 7 of x << 2 and x << 3: 16 look-ups, 3 indices, 12 XORs, 3
// blends and 2 shifts. A full tree of blends is as fast where a blend is one micro-operation (Zen), but not where it is
// two or three (Intel since Skylake); XORs alone need an index more for every table.
#pragma once

#include <immintrin.h>

#include "cipher/csa/csa_tables.h"

// of[b][r]: for bits 5 and 4 = b, the table of the index r above; P of the low and of the high nibble.
struct csa_tables {
	__m256i of[4][4], low, high;
};

static inline __m256i csa_sixteen(const uint8_t *bytes)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes));
}

static inline void csa_tables_make(struct csa_tables *t)
{
	uint8_t low[16], high[16];

	for (unsigned i = 0; i < 16; i++) {
		low[i] = dp_csa_block_permute((uint8_t)i);
		high[i] = dp_csa_block_permute((uint8_t)(i << 4));
	}
	t->low = csa_sixteen(low);
	t->high = csa_sixteen(high);
	for (unsigned b = 0; b < 4; b++) {
		const uint8_t *quarter = dp_csa_block_sbox + 16 * b;
		__m256i q0 = csa_sixteen(quarter), q2 = csa_sixteen(quarter + 128);

		t->of[b][0] = q0;
		t->of[b][1] = q2;
		t->of[b][2] = _mm256_xor_si256(q0, csa_sixteen(quarter + 64));
		t->of[b][3] = _mm256_xor_si256(q2, csa_sixteen(quarter + 192));
	}
}

static inline csa_word csa_block_sbox(const struct csa_tables *t, csa_word word)
{
	const __m256i half = _mm256_set1_epi8((char)0x80), quarter = _mm256_set1_epi8(0x40);
	__m256i x0 = (__m256i)word, x1 = _mm256_xor_si256(x0, half);
	__m256i x2 = _mm256_subs_epi8(x0, quarter), x3 = _mm256_subs_epi8(x1, quarter);
	__m256i bit5 = _mm256_slli_epi16(x0, 2), bit4 = _mm256_slli_epi16(x0, 3);

#define CSA_LOOK_UP(b)                                                                                                 \
	_mm256_xor_si256(_mm256_xor_si256(_mm256_shuffle_epi8(t->of[b][0], x0), _mm256_shuffle_epi8(t->of[b][1], x1)), \
			 _mm256_xor_si256(_mm256_shuffle_epi8(t->of[b][2], x2), _mm256_shuffle_epi8(t->of[b][3], x3)))
	__m256i low = _mm256_blendv_epi8(CSA_LOOK_UP(0), CSA_LOOK_UP(1), bit4);
	__m256i high = _mm256_blendv_epi8(CSA_LOOK_UP(2), CSA_LOOK_UP(3), bit4);
#undef CSA_LOOK_UP

	return (csa_word)_mm256_blendv_epi8(low, high, bit5);
}

static inline csa_word csa_block_permute(const struct csa_tables *t, csa_word word)
{
	const __m256i nibble = _mm256_set1_epi8(0x0f);
	__m256i s = (__m256i)word, s_high = _mm256_srli_epi16(s, 4);

	return (csa_word)_mm256_xor_si256(_mm256_shuffle_epi8(t->low, _mm256_and_si256(s, nibble)),
					  _mm256_shuffle_epi8(t->high, _mm256_and_si256(s_high, nibble)));
}
