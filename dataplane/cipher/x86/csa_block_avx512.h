// SPDX-License-Identifier: GPL-3.0-or-later
// S-box and permutation of the block cipher of DVB-CSA, 64 lanes in a zmm register, with AVX-512 F and BW: processors
// that have AVX-512, but not the byte permutes of VBMI.
//
// vpermi2w looks 6 bits up in 64 words. With S(v) and S(v + 128) as the bytes of word v, two of them hold the S-box:
// bit 6 of the index chooses between the two, bit 7 between the bytes of the result. Bytes at even and at odd places
// are looked up by themselves, the odd ones in tables with their bytes the other way round, so that one select puts the
// results for bit 7 clear where they belong, and another those for bit 7 set where their neighbour belongs: the shuffle
// that exchanges them is masked by bit 7.
#pragma once

#include <immintrin.h>

#include "cipher/csa/csa_tables.h"

struct csa_tables {
	__m512i even[4], odd[4]; // two of 64 words each
	__m512i low, high;       // P of the low and of the high nibble
};

static inline __m512i csa_thirty_two(const uint8_t *bytes)
{
	return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)bytes));
}

static inline void csa_tables_make(struct csa_tables *t)
{
	uint8_t low[16], high[16];

	for (unsigned i = 0; i < 16; i++) {
		low[i] = dp_csa_block_permute((uint8_t)i);
		high[i] = dp_csa_block_permute((uint8_t)(i << 4));
	}
	t->low = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)low));
	t->high = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)high));
	for (unsigned i = 0; i < 4; i++) {
		__m512i clear = csa_thirty_two(dp_csa_block_sbox + 32 * i);
		__m512i set = csa_thirty_two(dp_csa_block_sbox + 128 + 32 * i);

		t->even[i] = _mm512_or_si512(clear, _mm512_slli_epi16(set, 8));
		t->odd[i] = _mm512_or_si512(_mm512_slli_epi16(clear, 8), set);
	}
}

// The low 7 bits of every word of `index` in `table`; `high` is where bit 6 is set.
static inline __m512i csa_look_up(const __m512i table[4], __m512i index, __mmask32 high)
{
	return _mm512_mask_blend_epi16(high, _mm512_permutex2var_epi16(table[0], index, table[1]),
				       _mm512_permutex2var_epi16(table[2], index, table[3]));
}

static inline csa_word csa_block_sbox(const struct csa_tables *t, csa_word word)
{
	const __m512i exchange =
		_mm512_broadcast_i32x4(_mm_setr_epi8(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
	const __m512i odd_places = _mm512_set1_epi16((short)0xff00);
	__m512i x = (__m512i)word;
	__m512i even = csa_look_up(t->even, x, _mm512_test_epi16_mask(x, _mm512_set1_epi16(0x0040)));
	__m512i odd =
		csa_look_up(t->odd, _mm512_srli_epi16(x, 8), _mm512_test_epi16_mask(x, _mm512_set1_epi16(0x4000)));
	__m512i clear = _mm512_ternarylogic_epi64(odd_places, odd, even, 0xca);
	__m512i set = _mm512_ternarylogic_epi64(odd_places, even, odd, 0xca);

	return (csa_word)_mm512_mask_shuffle_epi8(clear, _mm512_movepi8_mask(x), set, exchange);
}

static inline csa_word csa_block_permute(const struct csa_tables *t, csa_word word)
{
	const __m512i nibble = _mm512_set1_epi8(0x0f);
	__m512i s = (__m512i)word, s_high = _mm512_srli_epi16(s, 4);

	return (csa_word)_mm512_xor_si512(_mm512_shuffle_epi8(t->low, _mm512_and_si512(s, nibble)),
					  _mm512_shuffle_epi8(t->high, _mm512_and_si512(s_high, nibble)));
}
