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

static inline vec vec_broadcast(const uint8_t *block)
{
	return vec_load(block);
}

static inline vec vec_counts(const uint64_t *count)
{
	return _mm_set1_epi64x((long long)count[0]);
}

static inline vec vec_choose(vec counts, unsigned i, vec yes, vec no)
{
	return _mm_blendv_epi8(no, yes, _mm_cmpgt_epi64(counts, _mm_set1_epi64x(i)));
}

static inline vec vec_shift_in(vec before, vec v)
{
	(void)v;
	return before;
}

static inline void vec_turn(vec *to, unsigned stride, const uint8_t *const *from, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		to[(size_t)i * stride] = vec_load(from[0] + (size_t)i * 16);
}

static inline void vec_spread(struct dp_lane *lane, unsigned n, const vec *text, unsigned stride)
{
	unsigned blocks = lane->n / 16;

	(void)n;
	for (unsigned i = 0; i < blocks; i++)
		_mm_storeu_si128((__m128i *)lane->dst + i, text[(size_t)i * stride]);
	store_residue(lane->dst + (size_t)blocks * 16, text[(size_t)blocks * stride], lane->n % 16);
	lane->done = true;
}

static inline void vec_store(struct dp_lane *lane, const vec *rows)
{
	vec_spread(lane, 1, rows, 1);
}

#include "cipher/x86/aes_lanes.h"

const struct dp_cipher_ops dp_aes_aesni[4] = AES_FAMILY("aesni", DP_CPU_AES);
