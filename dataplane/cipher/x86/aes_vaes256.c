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

static inline vec vec_broadcast(const uint8_t *block)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)block));
}

static inline vec vec_counts(const uint64_t *count)
{
	return _mm256_set_epi64x((long long)count[1], (long long)count[1], (long long)count[0], (long long)count[0]);
}

static inline vec vec_choose(vec counts, unsigned i, vec yes, vec no)
{
	return _mm256_blendv_epi8(no, yes, _mm256_cmpgt_epi64(counts, _mm256_set1_epi64x(i)));
}

static inline vec vec_shift_in(vec before, vec v)
{
	return _mm256_permute2x128_si256(before, v, 0x21);
}

// Two blocks of two lanes at a time; an odd last one is read with what is behind it.
static inline void vec_turn(vec *to, unsigned stride, const uint8_t *const *from, unsigned n)
{
	for (unsigned i = 0; i < n; i += 2) {
		vec a = vec_load(from[0] + (size_t)i * 16), b = vec_load(from[1] + (size_t)i * 16);

		to[(size_t)i * stride] = _mm256_permute2x128_si256(a, b, 0x20);
		if (i + 1 < n)
			to[(size_t)(i + 1) * stride] = _mm256_permute2x128_si256(a, b, 0x31);
	}
}

static inline void vec_store(struct dp_lane *lane, const vec *rows)
{
	unsigned at = 0;
	__m128i rest;

	for (; at + 32 <= lane->n; at += 32)
		_mm256_storeu_si256((__m256i *)(lane->dst + at), rows[at / 32]);
	rest = _mm256_castsi256_si128(rows[at / 32]);
	if (at + 16 <= lane->n) {
		_mm_storeu_si128((__m128i *)(lane->dst + at), rest);
		rest = _mm256_extracti128_si256(rows[at / 32], 1);
		at += 16;
	}
	store_residue(lane->dst + at, rest, lane->n - at);
	lane->done = true;
}

static inline void vec_spread(struct dp_lane *lanes, unsigned n, const vec *text, unsigned stride)
{
	vec rows[2][6];

	for (unsigned i = 0; i < 6; i++) {
		vec a = text[(size_t)(2 * i) * stride], b = text[(size_t)(2 * i + 1) * stride];

		rows[0][i] = _mm256_permute2x128_si256(a, b, 0x20);
		rows[1][i] = _mm256_permute2x128_si256(a, b, 0x31);
	}
	for (unsigned i = 0; i < n; i++)
		vec_store(&lanes[i], rows[i]);
}

#include "cipher/x86/aes_lanes.h"

const struct dp_cipher_ops dp_aes_vaes256[4] = AES_FAMILY("vaes256", DP_CPU_AES | DP_CPU_AVX2 | DP_CPU_VAES);
