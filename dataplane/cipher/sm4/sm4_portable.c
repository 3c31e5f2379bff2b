// SPDX-License-Identifier: GPL-3.0-or-later
// SM4-CBC of 32 lanes abreast in bit slices, on any processor, in constant time.
//
// A word of the cipher is eight slices, slice i with bit i of its bytes; byte j of the word (0 the most significant) of
// lane l is at bit 32j + l. To rotate words by 8 thus is to move the 32-bit fields of each slice.
//
// Refs: GB/T 32907-2016 clauses 6.2 and 7.
#include <base_secret.h>

#include "cipher/aes/lane_modes.h"
#include "cipher/cipher.h"
#include "cipher/sm4/sm4_schedule.h"
#include "cipher/sm4/sm4_slice.h"

enum { LANES = 32, BITS = 8, WORDS = 4, WORD_BYTES = 4 };

typedef aes_slice word[BITS];
typedef uint8_t octets __attribute__((vector_size(16)));
typedef uint32_t fields __attribute__((vector_size(16)));

struct scratch {
	word round[DP_SM4_ROUNDS]; // the lanes' round keys
	lane_block block[LANES];
};

// Rows to columns: byte 4i + j to 4j + i.
static aes_slice turned(aes_slice x)
{
	return (aes_slice)__builtin_shufflevector((octets)x, (octets)x, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7,
						  11, 15);
}

// Words rotated to the left by 8, 16 and 24.
static aes_slice by8(aes_slice x)
{
	return (aes_slice)__builtin_shufflevector((fields)x, (fields)x, 1, 2, 3, 0);
}

static aes_slice by16(aes_slice x)
{
	return (aes_slice)__builtin_shufflevector((fields)x, (fields)x, 2, 3, 0, 1);
}

static aes_slice by24(aes_slice x)
{
	return (aes_slice)__builtin_shufflevector((fields)x, (fields)x, 3, 0, 1, 2);
}

// As the bytes lie, whatever number that is on this processor.
static uint32_t word_at(const uint8_t *bytes)
{
	uint32_t x;

	memcpy(&x, bytes, sizeof(x));
	return x;
}

static void word_to(uint8_t *bytes, uint32_t x)
{
	memcpy(bytes, &x, sizeof(x));
}

// The lanes' words at `from`, `stride` bytes apart, to slices: vector i before aes_slice_turn has lanes i, 8 + i, 16 +
// i and 24 + i.
static void put(aes_slice *w, const uint8_t *from, size_t stride)
{
	for (unsigned i = 0; i < BITS; i++) {
		fields four;

		for (unsigned j = 0; j < 4; j++)
			four[j] = word_at(from + stride * (BITS * j + i));
		w[i] = turned((aes_slice)four);
	}
	aes_slice_turn(w);
}

static void get(aes_slice *w, uint8_t *to, size_t stride)
{
	aes_slice_turn(w);
	for (unsigned i = 0; i < BITS; i++) {
		fields four = (fields)turned(w[i]);

		for (unsigned j = 0; j < 4; j++)
			word_to(to + stride * (BITS * j + i), four[j]);
	}
}

// x0 ^= T(x1 ^ x2 ^ x3 ^ rk). L(B) is (B + B<<<8)<<<24 + (B + B<<<8 + B<<<16)<<<2.
static void round_(aes_slice *x0, const aes_slice *x1, const aes_slice *x2, const aes_slice *x3, const aes_slice *rk)
{
	word b, sum;

#pragma GCC unroll 8
	for (unsigned i = 0; i < BITS; i++)
		b[i] = x1[i] ^ x2[i] ^ x3[i] ^ rk[i];
	sm4_slice_sbox(b);
#pragma GCC unroll 8
	for (unsigned i = 0; i < BITS; i++) {
		aes_slice two = b[i] ^ by8(b[i]);

		x0[i] ^= by24(two);
		sum[i] = two ^ by16(b[i]);
	}
	x0[0] ^= by8(sum[6]);
	x0[1] ^= by8(sum[7]);
#pragma GCC unroll 8
	for (unsigned i = 2; i < BITS; i++)
		x0[i] ^= sum[i - 2];
}

static void crypt(const struct scratch *s, bool backwards, lane_block *block)
{
	word x[WORDS];

	for (unsigned w = 0; w < WORDS; w++)
		put(x[w], block[0] + (size_t)WORD_BYTES * w, LANE_BLOCK_BYTES);
	for (unsigned i = 0; i < DP_SM4_ROUNDS; i++)
		round_(x[i % 4], x[(i + 1) % 4], x[(i + 2) % 4], x[(i + 3) % 4],
		       s->round[backwards ? DP_SM4_ROUNDS - 1 - i : i]);
	for (unsigned w = 0; w < WORDS; w++)
		get(x[w], block[0] + (size_t)WORD_BYTES * (WORDS - 1 - w), LANE_BLOCK_BYTES);
}

static void lane_keys(void *scratch, const void *const *key)
{
	struct scratch *s = scratch;
	uint8_t round[LANES][WORD_BYTES];

	for (unsigned i = 0; i < DP_SM4_ROUNDS; i++) {
		for (unsigned lane = 0; lane < LANES; lane++) {
			uint32_t rk = ((const struct dp_sm4_key *)key[lane])->round[i];

			for (unsigned j = 0; j < WORD_BYTES; j++)
				round[lane][j] = (uint8_t)(rk >> (24 - 8 * j));
		}
		put(s->round[i], round[0], WORD_BYTES);
	}
}

static void lane_encrypt(void *scratch, lane_block *block)
{
	crypt(scratch, false, block);
}

static void lane_decrypt(void *scratch, lane_block *block)
{
	crypt(scratch, true, block);
}

// The S-box on each byte of one word: byte j alone is in field j, what is above its bits is nothing's.
static uint32_t tau(uint32_t a)
{
	word b;
	fields from = {a >> 24, a >> 16 & 0xff, a >> 8 & 0xff, a & 0xff}, to = {0};

#pragma GCC unroll 8
	for (unsigned i = 0; i < BITS; i++)
		b[i] = (aes_slice)(from >> i);
	sm4_slice_sbox(b);
#pragma GCC unroll 8
	for (unsigned i = 0; i < BITS; i++)
		to |= ((fields)b[i] & 1) << i;
	return to[0] << 24 | to[1] << 16 | to[2] << 8 | to[3];
}

static void sm4_set_key(void *scratch, void *key, const uint8_t *cw)
{
	(void)scratch;
	sm4_schedule(key, cw, tau);
}

static const struct lane_cipher cipher = {
	.width = LANES,
	.keys = lane_keys,
	.encrypt = lane_encrypt,
	.decrypt = lane_decrypt,
};

static void sm4_scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	struct scratch *s = scratch;

	lane_scramble(&lane_mode_cbc, &cipher, s, s->block, lanes, n);
	base_secret_scrub(s, sizeof(*s));
}

static void sm4_descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	struct scratch *s = scratch;

	lane_descramble(&lane_mode_cbc, &cipher, s, s->block, lanes, n);
	base_secret_scrub(s, sizeof(*s));
}

#include "cipher/sm4/sm4_ops.h"

const struct dp_cipher_ops dp_sm4_portable[1] = {SM4_OPS("bulkhead", "portable", 0, LANES)};
