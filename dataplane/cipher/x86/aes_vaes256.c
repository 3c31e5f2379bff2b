// SPDX-License-Identifier: GPL-3.0-or-later
// AES-128 with VAES on ymm: two blocks in a vector. Constant time.
#include <immintrin.h>

#include "cipher/cipher.h"
#include "cipher/x86/aes_residue.h"

typedef __m256i vec;

enum { VEC_LANES = 2 };

#define vec_zero       _mm256_setzero_si256
#define vec_xor        _mm256_xor_si256
#define vec_aesenc     _mm256_aesenc_epi128
#define vec_aesenclast _mm256_aesenclast_epi128
#define vec_aesdec     _mm256_aesdec_epi128
#define vec_aesdeclast _mm256_aesdeclast_epi128

static inline vec vec_load(const uint8_t *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}

static inline vec vec_repeat(__m128i block)
{
	return _mm256_broadcastsi128_si256(block);
}

static inline vec vec_of_lanes(const uint8_t *pairs)
{
	return _mm256_cvtepu8_epi64(_mm_loadu_si32(pairs));
}

static inline vec vec_of_row(unsigned n)
{
	return _mm256_sub_epi64(_mm256_set1_epi64x(n), _mm256_set_epi64x(16, 16, 0, 0));
}

static inline vec vec_choose(vec bytes, unsigned less, vec yes, vec no)
{
	return _mm256_blendv_epi8(no, yes, _mm256_cmpgt_epi64(bytes, _mm256_set1_epi64x(less)));
}

static inline vec vec_shift_in(vec before, vec v)
{
	return _mm256_permute2x128_si256(before, v, 0x21);
}

// Two blocks of two lanes at a time; an odd last one is read with what is behind it.
static inline void vec_turn(vec *to, const uint8_t *const *from, unsigned n)
{
#pragma GCC unroll 16
	for (unsigned i = 0; i < n; i += 2) {
		vec a = vec_load(from[0] + (size_t)i * 16), b = vec_load(from[1] + (size_t)i * 16);

		to[i] = _mm256_permute2x128_si256(a, b, 0x20);
		if (i + 1 < n)
			to[i + 1] = _mm256_permute2x128_si256(a, b, 0x31);
	}
}

static inline void vec_store(uint8_t *dst, unsigned n, const vec *rows)
{
	__m128i blocks[2];

#pragma GCC unroll 16
	for (unsigned i = 0; i < DP_CIPHER_BYTES_MAX / 32; i++)
		if (n >= (i + 1) * 32)
			_mm256_storeu_si256((__m256i *)dst + i, rows[i]);
	blocks[0] = _mm256_castsi256_si128(rows[n / 32]);
	blocks[1] = _mm256_extracti128_si256(rows[n / 32], 1);
	if (n & 16)
		_mm_storeu_si128((__m128i *)(dst + (n & ~31u)), blocks[0]);
	store_residue(dst + (n & ~15u), blocks[n / 16 % 2], n % 16);
}

static inline void vec_spread(uint8_t *const *dst, const unsigned *n, const vec *text)
{
	vec rows[2][6];

#pragma GCC unroll 16
	for (unsigned i = 0; i < 6; i++) {
		vec a = text[2 * i], b = text[2 * i + 1];

		rows[0][i] = _mm256_permute2x128_si256(a, b, 0x20);
		rows[1][i] = _mm256_permute2x128_si256(a, b, 0x31);
	}
#pragma GCC unroll 16
	for (unsigned i = 0; i < VEC_LANES; i++)
		vec_store(dst[i], n[i], rows[i]);
}

#include "cipher/x86/aes_lanes.h"

const struct dp_cipher_ops dp_aes_vaes256[4] = AES_FAMILY("vaes256", DP_CPU_AES | DP_CPU_AVX2 | DP_CPU_VAES);
