// SPDX-License-Identifier: GPL-3.0-or-later
// SM4-CBC of 64 lanes a vector with AVX-512 and GFNI, whose one instruction inverts 64 bytes and maps them. Constant
// time.
#include <immintrin.h>

#include "cipher/cipher.h"
#include "cipher/cpu.h"
#include "cipher/sm4/sm4_fields.h"
#include "cipher/sm4/sm4_tables.h"

#define NOW(x) __asm__("" : "+v"(x))

typedef __m512i vec;

static inline __m128i chunk(const uint8_t *from)
{
	return _mm_loadu_si128((const void *)from);
}

static inline vec vec_chunks(const uint8_t *const *from, size_t at)
{
	vec x = _mm512_castsi128_si512(chunk(from[0] + at));

	x = _mm512_inserti32x4(x, chunk(from[16] + at), 1);
	x = _mm512_inserti32x4(x, chunk(from[32] + at), 2);
	return _mm512_inserti32x4(x, chunk(from[48] + at), 3);
}

static inline void vec_store_chunks(uint8_t *const *to, size_t at, vec x)
{
	_mm_storeu_si128((void *)(to[0] + at), _mm512_castsi512_si128(x));
	_mm_storeu_si128((void *)(to[16] + at), _mm512_extracti32x4_epi32(x, 1));
	_mm_storeu_si128((void *)(to[32] + at), _mm512_extracti32x4_epi32(x, 2));
	_mm_storeu_si128((void *)(to[48] + at), _mm512_extracti32x4_epi32(x, 3));
}

static inline vec vec_low(vec a, vec b)
{
	return _mm512_unpacklo_epi8(a, b);
}

static inline vec vec_high(vec a, vec b)
{
	return _mm512_unpackhi_epi8(a, b);
}

static inline vec map(uint64_t matrix)
{
	return _mm512_set1_epi64((long long)matrix);
}

static inline vec vec_enter(vec x)
{
	return _mm512_gf2p8affine_epi64_epi8(x, map(SM4_STATE), 0);
}

static inline vec vec_leave(vec x)
{
	return _mm512_gf2p8affine_epi64_epi8(x, map(SM4_STATE_INVERSE), 0);
}

static inline vec vec_key(vec x)
{
	return _mm512_gf2p8affine_epi64_epi8(x, map(SM4_STATE), SM4_KEY_CONSTANT);
}

static inline void vec_sbox(vec t, vec *p, vec *q)
{
	*p = _mm512_gf2p8affineinv_epi64_epi8(t, map(SM4_P), SM4_P_CONSTANT);
	*q = _mm512_gf2p8affineinv_epi64_epi8(t, map(SM4_Q), SM4_Q_CONSTANT);
}

#include "cipher/x86/sm4_sliced.h"

static inline __m128i map_128(uint64_t matrix)
{
	return _mm_set1_epi64x((long long)matrix);
}

static inline __m128i vec_128(const uint32_t *from)
{
	return chunk((const uint8_t *)from);
}

// The 32 rounds of the key schedule come after each other: what counts is the way from a word to the next. That is the
// inversion, a rotation and two additions, of all that the sum for the S-box is made of: what is known soonest is added
// first. Words are in M, in each field of a register.
static void sm4_set_key(void *scratch, void *key, const uint8_t *cw)
{
	const __m128i numbers = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
	__m128i words = _mm_shuffle_epi8(chunk(cw), numbers) ^ vec_128(dp_sm4_fk);
	uint32_t *rk = ((struct dp_sm4_key *)key)->round;

	(void)scratch;
	words = _mm_gf2p8affine_epi64_epi8(words, map_128(SM4_STATE), 0);

	__m128i k[4] = {_mm_shuffle_epi32(words, 0x00), _mm_shuffle_epi32(words, 0x55), _mm_shuffle_epi32(words, 0xaa),
			_mm_shuffle_epi32(words, 0xff)};
	// The last word, k[3] at first, is the sum of these.
	__m128i old = k[3], a = _mm_setzero_si128(), b = a, c = a, d = a;

	for (unsigned i = 0; i < DP_SM4_ROUNDS; i += 4) {
		__m128i ck = _mm_gf2p8affine_epi64_epi8(vec_128(dp_sm4_ck + i), map_128(SM4_STATE), SM4_KEY_CONSTANT);

#pragma GCC unroll 4
		for (unsigned j = 0; j < 4; j++) {
			__m128i t = k[(j + 1) % 4] ^ k[(j + 2) % 4] ^ ck ^ old;

			NOW(t);
			t ^= a;
			NOW(t);
			t ^= b;
			NOW(t);
			t = _mm_ternarylogic_epi32(t, c, d, 0x96);
			NOW(t);
			a = _mm_gf2p8affineinv_epi64_epi8(t, map_128(SM4_SCHEDULE_0), SM4_SCHEDULE_CONSTANT);
			NOW(a);
			b = _mm_gf2p8affineinv_epi64_epi8(t, map_128(SM4_SCHEDULE_1), 0);
			c = _mm_gf2p8affineinv_epi64_epi8(t, map_128(SM4_SCHEDULE_2), 0);
			d = _mm_gf2p8affineinv_epi64_epi8(t, map_128(SM4_SCHEDULE_3), 0);
			b = _mm_rol_epi32(b, 8);
			NOW(b);
			c = _mm_rol_epi32(c, 16);
			d = _mm_rol_epi32(d, 24);
			NOW(d);
			old = k[j];
			k[j] = old ^ a ^ b ^ c ^ d;
			ck = _mm_shuffle_epi32(ck, 0x39);
		}

		__m128i four = _mm_unpacklo_epi64(_mm_unpacklo_epi32(k[0], k[1]), _mm_unpacklo_epi32(k[2], k[3]));

		four = _mm_gf2p8affine_epi64_epi8(four, map_128(SM4_STATE_INVERSE), 0);
		_mm_storeu_si128((void *)(rk + i), four);
	}
}

#include "cipher/sm4/sm4_ops.h"

const struct dp_cipher_ops dp_sm4_avx512_gfni[1] = {
	SM4_OPS("bulkhead", "avx512-gfni", DP_CPU_AVX512 | DP_CPU_GFNI, LANES)};
