// SPDX-License-Identifier: GPL-3.0-or-later
// AES-128 with VAES on zmm: four blocks in a vector. Constant time.
#include <immintrin.h>

#include "cipher/cipher.h"

typedef __m512i vec;

enum { VEC_LANES = 4 };

#define vec_zero       _mm512_setzero_si512
#define vec_load(p)    _mm512_loadu_si512(p)
#define vec_xor        _mm512_xor_si512
#define vec_aesenc     _mm512_aesenc_epi128
#define vec_aesenclast _mm512_aesenclast_epi128
#define vec_aesdec     _mm512_aesdec_epi128
#define vec_aesdeclast _mm512_aesdeclast_epi128

static inline vec vec_repeat(__m128i block)
{
	return _mm512_broadcast_i32x4(block);
}

static inline vec vec_of_lanes(const uint8_t *pairs)
{
	return _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)pairs));
}

static inline vec vec_of_row(unsigned n)
{
	return _mm512_sub_epi64(_mm512_set1_epi64(n), _mm512_set_epi64(48, 48, 32, 32, 16, 16, 0, 0));
}

static inline vec vec_choose(vec bytes, unsigned less, vec yes, vec no)
{
	return _mm512_mask_mov_epi64(no, _mm512_cmpgt_epi64_mask(bytes, _mm512_set1_epi64(less)), yes);
}

static inline vec vec_shift_in(vec before, vec v)
{
	return _mm512_alignr_epi64(v, before, 6);
}

// Two blocks of lane a and two of lane b.
static inline vec pair(const uint8_t *a, const uint8_t *b)
{
	return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)a)),
				  _mm256_loadu_si256((const __m256i *)b), 1);
}

// Two blocks of four lanes at a time, which takes half the shuffles of four by four; an odd last one is read with what
// is behind it.
static inline void vec_turn(vec *to, const uint8_t *const *from, unsigned n)
{
#pragma GCC unroll 16
	for (unsigned i = 0; i < n; i += 2) {
		size_t at = (size_t)i * 16;
		vec low = pair(from[0] + at, from[1] + at), high = pair(from[2] + at, from[3] + at);

		to[i] = _mm512_shuffle_i64x2(low, high, 0x88);
		if (i + 1 < n)
			to[i + 1] = _mm512_shuffle_i64x2(low, high, 0xDD);
	}
}

// Four blocks of four lanes to four lanes of four blocks.
static inline void turn_back(vec *rows, const vec *text)
{
	vec a = text[0], b = text[1], c = text[2], d = text[3];
	vec ab_low = _mm512_shuffle_i64x2(a, b, 0x44), ab_high = _mm512_shuffle_i64x2(a, b, 0xEE);
	vec cd_low = _mm512_shuffle_i64x2(c, d, 0x44), cd_high = _mm512_shuffle_i64x2(c, d, 0xEE);

	rows[0] = _mm512_shuffle_i64x2(ab_low, cd_low, 0x88);
	rows[3] = _mm512_shuffle_i64x2(ab_low, cd_low, 0xDD);
	rows[6] = _mm512_shuffle_i64x2(ab_high, cd_high, 0x88);
	rows[9] = _mm512_shuffle_i64x2(ab_high, cd_high, 0xDD);
}

static inline void vec_store(uint8_t *dst, unsigned n, const vec *rows)
{
	static const uint8_t place[192] __attribute__((aligned(64))) = {
#define TEN(t) t + 0, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6, t + 7, t + 8, t + 9
		TEN(0),   TEN(10),  TEN(20),  TEN(30),  TEN(40),  TEN(50),  TEN(60),
		TEN(70),  TEN(80),  TEN(90),  TEN(100), TEN(110), TEN(120), TEN(130),
		TEN(140), TEN(150), TEN(160), TEN(170), TEN(180), 190,      191};
	vec bytes = _mm512_set1_epi8((char)n);

#pragma GCC unroll 16
	for (unsigned i = 0; i < 3; i++)
		_mm512_mask_storeu_epi8(dst + i * 64, _mm512_cmplt_epu8_mask(_mm512_load_si512(place + i * 64), bytes),
					rows[i]);
}

static inline void vec_spread(uint8_t *const *dst, const unsigned *n, const vec *text)
{
	vec rows[4 * 3];

#pragma GCC unroll 16
	for (unsigned i = 0; i < 3; i++)
		turn_back(&rows[i], text + (size_t)4 * i);
#pragma GCC unroll 16
	for (unsigned i = 0; i < VEC_LANES; i++)
		vec_store(dst[i], n[i], &rows[3 * i]);
}

#include "cipher/x86/aes_lanes.h"

const struct dp_cipher_ops dp_aes_vaes512[4] = AES_FAMILY("vaes512", DP_CPU_AES | DP_CPU_AVX512 | DP_CPU_VAES);
