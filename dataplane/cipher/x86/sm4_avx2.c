// SPDX-License-Identifier: GPL-3.0-or-later
// SM4-CBC of 32 lanes a vector with AVX2 and AES-NI: the last round of AES without a key is AES's S-box and a move of
// bytes, which a shuffle takes back; the maps after it are shuffles of nibbles. Constant time.
#include <immintrin.h>

#include "cipher/cipher.h"
#include "cipher/cpu.h"
#include "cipher/sm4/sm4_fields.h"
#include "cipher/sm4/sm4_tables.h"

#define NOW(x) __asm__("" : "+x"(x))

typedef __m256i vec;

static inline __m128i chunk(const uint8_t *from)
{
	return _mm_loadu_si128((const void *)from);
}

static inline vec vec_chunks(const uint8_t *const *from, size_t at)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(chunk(from[0] + at)), chunk(from[16] + at), 1);
}

static inline void vec_store_chunks(uint8_t *const *to, size_t at, vec x)
{
	_mm_storeu_si128((void *)(to[0] + at), _mm256_castsi256_si128(x));
	_mm_storeu_si128((void *)(to[16] + at), _mm256_extracti128_si256(x, 1));
}

static inline vec vec_low(vec a, vec b)
{
	return _mm256_unpacklo_epi8(a, b);
}

static inline vec vec_high(vec a, vec b)
{
	return _mm256_unpackhi_epi8(a, b);
}

// A linear map is the sum of a table of the low nibbles and one of the high.
#define TABLES(name) static const uint8_t name##_table[2][16] __attribute__((aligned(32)))
TABLES(enter) = {{SM4_STATE_LOW}, {SM4_STATE_HIGH}};
TABLES(leave) = {{SM4_STATE_INVERSE_LOW}, {SM4_STATE_INVERSE_HIGH}};
TABLES(p) = {{SM4_P_LOW}, {SM4_P_HIGH}};
TABLES(q) = {{SM4_Q_LOW}, {SM4_Q_HIGH}};

static inline vec table(const uint8_t *bytes)
{
	return _mm256_broadcastsi128_si256(chunk(bytes));
}

static inline vec low_nibbles(vec x)
{
	return x & _mm256_set1_epi8(15);
}

static inline vec high_nibbles(vec x)
{
	return _mm256_srli_epi16(x, 4) & _mm256_set1_epi8(15);
}

static inline vec map(const uint8_t (*tables)[16], vec low, vec high)
{
	return _mm256_shuffle_epi8(table(tables[0]), low) ^ _mm256_shuffle_epi8(table(tables[1]), high);
}

static inline vec vec_enter(vec x)
{
	return map(enter_table, low_nibbles(x), high_nibbles(x));
}

static inline vec vec_leave(vec x)
{
	return map(leave_table, low_nibbles(x), high_nibbles(x));
}

static inline vec vec_key(vec x)
{
	return vec_enter(x) ^ _mm256_set1_epi8(SM4_KEY_CONSTANT);
}

static inline void vec_sbox(vec t, vec *p, vec *q)
{
	const __m128i none = _mm_setzero_si128();
	const __m128i rows_back = _mm_setr_epi8(0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3);
	__m128i half[2] = {_mm_aesenclast_si128(_mm256_castsi256_si128(t), none),
			   _mm_aesenclast_si128(_mm256_extracti128_si256(t, 1), none)};
	vec s = _mm256_inserti128_si256(_mm256_castsi128_si256(half[0]), half[1], 1);

	s = _mm256_shuffle_epi8(s, _mm256_broadcastsi128_si256(rows_back));
	*p = map(p_table, low_nibbles(s), high_nibbles(s));
	*q = map(q_table, low_nibbles(s), high_nibbles(s));
}

#include "cipher/x86/sm4_schedule_aes.h"
#include "cipher/x86/sm4_sliced.h"

static void sm4_set_key(void *scratch, void *key, const uint8_t *cw)
{
	(void)scratch;
	sm4_schedule_aes(((struct dp_sm4_key *)key)->round, cw);
}

#include "cipher/sm4/sm4_ops.h"

const struct dp_cipher_ops dp_sm4_avx2[1] = {SM4_OPS("bulkhead", "avx2", DP_CPU_AVX2 | DP_CPU_AES, LANES)};
