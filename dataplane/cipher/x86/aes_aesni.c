// SPDX-License-Identifier: GPL-3.0-or-later
// AES-128 with AES-NI: a block in a vector. Constant time.
#include <immintrin.h>

#include "cipher/cipher.h"
#include "cipher/x86/aes_residue.h"

typedef __m128i vec;

enum { VEC_LANES = 1 };

#define vec_zero       _mm_setzero_si128
#define vec_xor        _mm_xor_si128
#define vec_aesenc     _mm_aesenc_si128
#define vec_aesenclast _mm_aesenclast_si128
#define vec_aesdec     _mm_aesdec_si128
#define vec_aesdeclast _mm_aesdeclast_si128

static inline vec vec_load(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

static inline vec vec_repeat(__m128i block)
{
	return block;
}

static inline vec vec_of_lanes(const uint8_t *pairs)
{
	return _mm_cvtepu8_epi64(_mm_loadu_si16(pairs));
}

static inline vec vec_of_row(unsigned n)
{
	return _mm_set1_epi64x(n);
}

static inline vec vec_choose(vec bytes, unsigned less, vec yes, vec no)
{
	return _mm_blendv_epi8(no, yes, _mm_cmpgt_epi64(bytes, _mm_set1_epi64x(less)));
}

static inline vec vec_shift_in(vec before, vec v)
{
	(void)v;
	return before;
}

static inline void vec_turn(vec *to, const uint8_t *const *from, unsigned n)
{
#pragma GCC unroll 16
	for (unsigned i = 0; i < n; i++)
		to[i] = vec_load(from[0] + (size_t)i * 16);
}

static inline void vec_store(uint8_t *dst, unsigned n, const vec *rows)
{
#pragma GCC unroll 16
	for (unsigned i = 0; i < DP_CIPHER_BYTES_MAX / 16; i++)
		if (n >= (i + 1) * 16)
			_mm_storeu_si128((__m128i *)dst + i, rows[i]);
	store_residue(dst + (n & ~15u), rows[n / 16], n % 16);
}

static inline void vec_spread(uint8_t *const *dst, const unsigned *n, const vec *text)
{
	vec_store(dst[0], n[0], text);
}

#include "cipher/x86/aes_lanes.h"

const struct dp_cipher_ops dp_aes_aesni[4] = AES_FAMILY("aesni", DP_CPU_AES);
