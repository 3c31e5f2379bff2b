// SPDX-License-Identifier: GPL-3.0-or-later
// The key schedule of SM4 with AES-NI. Its 32 rounds come after each other: what counts is the way from a word to the
// next. That is AES's S-box, a look-up of nibbles, a move of bytes and additions, of all that the sum for the S-box is
// made of: what is known soonest is added first.
//
// The four bytes of a word stand apart, byte k of the word at byte 2k of both halves of a register, and the S-box gives
// 0 between them: to shift high nibbles down then brings in nothing that must be masked. As both halves are the same
// and the rows of AES that have bytes of ours are moved by a half or not at all, its move of bytes changes nothing.
//
// Words are in M (generate/sm4_fields.py). The including file has NOW(x), as sm4_sliced.h says. Constant time.
//
// Refs: GB/T 32907-2016 clause 7.3.
// Threads: any. Owns: the caller's memory.
#pragma once

#include <immintrin.h>

#include "cipher/sm4/sm4_fields.h"
#include "cipher/sm4/sm4_tables.h"

// What AES's S-box makes 0.
enum { SM4_AES_TO_ZERO = 0x52 };

// A linear map: tables of the low and of the high nibbles.
typedef const uint8_t sm4_map[2][16];

static sm4_map sm4_map_state = {{SM4_STATE_LOW}, {SM4_STATE_HIGH}};
static sm4_map sm4_map_state_inverse = {{SM4_STATE_INVERSE_LOW}, {SM4_STATE_INVERSE_HIGH}};
static sm4_map sm4_map_schedule[4] = {{{SM4_SCHEDULE_0_LOW}, {SM4_SCHEDULE_0_HIGH}},
				      {{SM4_SCHEDULE_1_LOW}, {SM4_SCHEDULE_1_HIGH}},
				      {{SM4_SCHEDULE_2_LOW}, {SM4_SCHEDULE_2_HIGH}},
				      {{SM4_SCHEDULE_3_LOW}, {SM4_SCHEDULE_3_HIGH}}};

static inline __m128i sm4_128(const void *from)
{
	return _mm_loadu_si128(from);
}

static inline __m128i sm4_nibbles_128(sm4_map map, __m128i low, __m128i high)
{
	return _mm_shuffle_epi8(sm4_128(map[0]), low) ^ _mm_shuffle_epi8(sm4_128(map[1]), high);
}

static inline __m128i sm4_map_128(sm4_map map, __m128i x)
{
	const __m128i nibble = _mm_set1_epi8(15);

	return sm4_nibbles_128(map, x & nibble, _mm_srli_epi16(x, 4) & nibble);
}

// Word `i` of four, its bytes apart.
static inline __m128i sm4_apart(__m128i four, unsigned i)
{
	const __m128i bytes = _mm_setr_epi8(0, -1, 1, -1, 2, -1, 3, -1, 0, -1, 1, -1, 2, -1, 3, -1);

	return _mm_shuffle_epi8(four, _mm_or_si128(bytes, _mm_set1_epi16((short)(4 * i))));
}

// The four words together.
static inline __m128i sm4_together(const __m128i *k)
{
	__m128i two = _mm_packus_epi16(k[0], k[1]), more = _mm_packus_epi16(k[2], k[3]);

	two = _mm_shuffle_epi32(two, _MM_SHUFFLE(3, 1, 2, 0));
	more = _mm_shuffle_epi32(more, _MM_SHUFFLE(3, 1, 2, 0));
	return _mm_unpacklo_epi64(two, more);
}

// Makes the 32 round keys.
static inline void sm4_schedule_aes(uint32_t *rk, const uint8_t *cw)
{
	const __m128i numbers = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
	const __m128i by8 = _mm_setr_epi8(6, -1, 0, -1, 2, -1, 4, -1, 6, -1, 0, -1, 2, -1, 4, -1);
	const __m128i by16 = _mm_setr_epi8(4, -1, 6, -1, 0, -1, 2, -1, 4, -1, 6, -1, 0, -1, 2, -1);
	const __m128i by24 = _mm_setr_epi8(2, -1, 4, -1, 6, -1, 0, -1, 2, -1, 4, -1, 6, -1, 0, -1);
	// Of the inversion's input, and between the bytes what becomes 0.
	const __m128i constant = _mm_set1_epi16((short)(SM4_AES_TO_ZERO << 8 | SM4_KEY_CONSTANT));
	__m128i four = _mm_shuffle_epi8(sm4_128(cw), numbers) ^ sm4_128(dp_sm4_fk);

	four = sm4_map_128(sm4_map_state, four);

	__m128i k[4] = {sm4_apart(four, 0), sm4_apart(four, 1), sm4_apart(four, 2), sm4_apart(four, 3)};
	// The last word, k[3] at first, is the sum of these.
	__m128i old = k[3], a = _mm_setzero_si128(), b = a, cd = a;

	for (unsigned i = 0; i < DP_SM4_ROUNDS; i += 4) {
		__m128i ck = sm4_map_128(sm4_map_state, sm4_128(dp_sm4_ck + i));

#pragma GCC unroll 4
		for (unsigned j = 0; j < 4; j++) {
			__m128i t = k[(j + 1) % 4] ^ k[(j + 2) % 4] ^ (sm4_apart(ck, j) ^ constant) ^ old;

			NOW(t);
			t ^= b;
			NOW(t);
			t ^= a;
			NOW(t);
			t = _mm_aesenclast_si128(t ^ cd, _mm_setzero_si128());

			__m128i low = t & _mm_set1_epi8(15), high = _mm_srli_epi16(t, 4);

			b = _mm_shuffle_epi8(sm4_nibbles_128(sm4_map_schedule[1], low, high), by8);
			NOW(b);
			cd = _mm_shuffle_epi8(sm4_nibbles_128(sm4_map_schedule[2], low, high), by16) ^
			     _mm_shuffle_epi8(sm4_nibbles_128(sm4_map_schedule[3], low, high), by24);
			NOW(cd);
			a = sm4_nibbles_128(sm4_map_schedule[0], low, high);
			NOW(a);
			old = k[j] ^ _mm_set1_epi16(SM4_SCHEDULE_AES_CONSTANT);
			k[j] = old ^ a ^ b ^ cd;
		}
		_mm_storeu_si128((void *)(rk + i), sm4_map_128(sm4_map_state_inverse, sm4_together(k)));
	}
}
