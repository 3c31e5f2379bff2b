// SPDX-License-Identifier: GPL-3.0-or-later
// AES-128 of eight lanes abreast in bit slices, on any processor, in constant time.
//
// A 64-bit word of a slice holds one bit of each byte of four blocks: byte (row r, column c) of block b at bit
// 16r + 4c + b. ShiftRows thus turns the 16-bit fields of the rows, and MixColumns the whole word.
//
// Refs: FIPS 197.
#include "cipher/cipher.h"

#include <base_secret.h>

#include "cipher/aes/aes_ops.h"
#include "cipher/aes/aes_slice.h"
#include "cipher/aes/lane_modes.h"

enum { WORD_LANES = 4, LANES = WORD_LANES * AES_SLICE_WORDS, BITS = 8 };

struct scratch {
	aes_slice round[DP_AES_ROUNDS + 1][BITS]; // the lanes' round keys
	lane_block block[LANES];
};

static uint32_t load32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void store32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

// The four bytes of a column to the even bytes of a word, and back.
static uint64_t spread(uint32_t column)
{
	uint64_t x = column;

	x = (x | x << 16) & 0x0000FFFF0000FFFF;
	return (x | x << 8) & 0x00FF00FF00FF00FF;
}

static uint32_t gather(uint64_t x)
{
	x &= 0x00FF00FF00FF00FF;
	x = (x | x >> 8) & 0x0000FFFF0000FFFF;
	return (uint32_t)(x | x >> 16);
}

// Block `lane`, whose columns c and c + 2 share a word: that makes bit 16r + 4c + b of the slices.
static void put(aes_slice *q, unsigned lane, const uint8_t *block)
{
	for (unsigned c = 0; c < 2; c++)
		q[WORD_LANES * c + lane % WORD_LANES][lane / WORD_LANES] =
			spread(load32(block + 4 * c)) | spread(load32(block + 4 * c + 8)) << 8;
}

static void get(const aes_slice *q, unsigned lane, uint8_t *block)
{
	for (unsigned c = 0; c < 2; c++) {
		uint64_t w = q[WORD_LANES * c + lane % WORD_LANES][lane / WORD_LANES];

		store32(block + 4 * c, gather(w));
		store32(block + 4 * c + 8, gather(w >> 8));
	}
}

static void add_round_key(aes_slice *q, const aes_slice *k)
{
	for (unsigned i = 0; i < BITS; i++)
		q[i] ^= k[i];
}

// Row r turns by 4r bits: to the right, or back to the left.
static void shift_rows(aes_slice *q)
{
	for (unsigned i = 0; i < BITS; i++) {
		aes_slice x = q[i];

		q[i] = (x & 0x000000000000FFFF) | (x & 0x00000000FFF00000) >> 4 | (x & 0x00000000000F0000) << 12 |
		       (x & 0x0000FF0000000000) >> 8 | (x & 0x000000FF00000000) << 8 | (x & 0xF000000000000000) >> 12 |
		       (x & 0x0FFF000000000000) << 4;
	}
}

static void inv_shift_rows(aes_slice *q)
{
	for (unsigned i = 0; i < BITS; i++) {
		aes_slice x = q[i];

		q[i] = (x & 0x000000000000FFFF) | (x & 0x000000000FFF0000) << 4 | (x & 0x00000000F0000000) >> 12 |
		       (x & 0x000000FF00000000) << 8 | (x & 0x0000FF0000000000) >> 8 | (x & 0x000F000000000000) << 12 |
		       (x & 0xFFF0000000000000) >> 4;
	}
}

// The byte `rows` below in its column.
static aes_slice below(aes_slice x, unsigned rows)
{
	return x >> 16 * rows | x << (64 - 16 * rows);
}

// Multiplication by x in GF(2^8).
static void xtime(aes_slice *to, const aes_slice *t)
{
	aes_slice high = t[7];

	for (unsigned i = 7; i > 0; i--)
		to[i] = t[i - 1];
	to[0] = high;
	to[1] ^= high;
	to[3] ^= high;
	to[4] ^= high;
}

static void mix_columns(aes_slice *q)
{
	aes_slice sum[BITS], twice[BITS];

	for (unsigned i = 0; i < BITS; i++)
		sum[i] = q[i] ^ below(q[i], 1);
	xtime(twice, sum);
	for (unsigned i = 0; i < BITS; i++)
		q[i] = twice[i] ^ below(q[i], 1) ^ below(sum[i], 2);
}

// The coefficients 14, 11, 13, 9 are those of MixColumns, 2, 3, 1, 1, times 5, 0, 4, 0.
static void inv_mix_columns(aes_slice *q)
{
	aes_slice t[BITS];

	for (unsigned i = 0; i < BITS; i++)
		t[i] = q[i] ^ below(q[i], 2);
	xtime(t, t);
	xtime(t, t);
	add_round_key(q, t);
	mix_columns(q);
}

static void keys(void *scratch, const void *const *key)
{
	struct scratch *s = scratch;

	for (unsigned round = 0; round <= DP_AES_ROUNDS; round++) {
		for (unsigned i = 0; i < LANES; i++)
			put(s->round[round], i, ((const struct dp_aes_key *)key[i])->round[round]);
		aes_slice_turn(s->round[round]);
	}
}

static void encrypt(void *scratch, lane_block *block)
{
	struct scratch *s = scratch;
	aes_slice q[BITS];

	for (unsigned i = 0; i < LANES; i++)
		put(q, i, block[i]);
	aes_slice_turn(q);
	add_round_key(q, s->round[0]);
	for (unsigned round = 1; round <= DP_AES_ROUNDS; round++) {
		aes_slice_sbox(q);
		shift_rows(q);
		if (round < DP_AES_ROUNDS)
			mix_columns(q);
		add_round_key(q, s->round[round]);
	}
	aes_slice_turn(q);
	for (unsigned i = 0; i < LANES; i++)
		get(q, i, block[i]);
}

static void decrypt(void *scratch, lane_block *block)
{
	struct scratch *s = scratch;
	aes_slice q[BITS];

	for (unsigned i = 0; i < LANES; i++)
		put(q, i, block[i]);
	aes_slice_turn(q);
	add_round_key(q, s->round[DP_AES_ROUNDS]);
	for (unsigned round = DP_AES_ROUNDS; round-- > 0;) {
		inv_shift_rows(q);
		aes_slice_inverse_sbox(q);
		add_round_key(q, s->round[round]);
		if (round > 0)
			inv_mix_columns(q);
	}
	aes_slice_turn(q);
	for (unsigned i = 0; i < LANES; i++)
		get(q, i, block[i]);
}

// SubWord of the key expansion: four bytes are sliced for it.
static uint32_t sub_word(uint32_t w)
{
	aes_slice q[BITS] = {0};

	q[0][0] = w;
	aes_slice_turn(q);
	aes_slice_sbox(q);
	aes_slice_turn(q);
	return (uint32_t)q[0][0];
}

static void set_key(void *scratch, void *key, const uint8_t *cw)
{
	struct dp_aes_key *k = key;
	uint32_t w[4], rcon = 1;

	(void)scratch;
	for (unsigned i = 0; i < 4; i++)
		w[i] = load32(cw + 4 * i);
	for (unsigned round = 0; round <= DP_AES_ROUNDS; round++) {
		for (unsigned i = 0; i < 4; i++)
			store32(&k->round[round][4 * i], w[i]);
		w[0] ^= sub_word(w[3] >> 8 | w[3] << 24) ^ rcon;
		for (unsigned i = 1; i < 4; i++)
			w[i] ^= w[i - 1];
		rcon = rcon << 1 ^ (rcon >> 7) * 0x11b;
	}
}

static const struct lane_cipher cipher = {.width = LANES, .keys = keys, .encrypt = encrypt, .decrypt = decrypt};

static void run(const struct lane_mode *mode, void *scratch, struct dp_lane *lanes, unsigned n, bool scramble)
{
	struct scratch *s = scratch;

	(scramble ? lane_scramble : lane_descramble)(mode, &cipher, s, s->block, lanes, n);
	base_secret_scrub(s, sizeof(*s));
}

#define MODE(mode)                                                                      \
	static void mode##_scramble(void *scratch, struct dp_lane *lanes, unsigned n)   \
	{                                                                               \
		run(&lane_mode_##mode, scratch, lanes, n, true);                        \
	}                                                                               \
	static void mode##_descramble(void *scratch, struct dp_lane *lanes, unsigned n) \
	{                                                                               \
		run(&lane_mode_##mode, scratch, lanes, n, false);                       \
	}

MODE(cissa)
MODE(idsa)
MODE(cbc)
MODE(ecb)

static int init(void *scratch)
{
	(void)scratch;
	return 0;
}

static void fini(void *scratch)
{
	base_secret_scrub(scratch, sizeof(struct scratch));
}

const struct dp_cipher_ops dp_aes_portable[4] = AES_MODES("bulkhead", "portable", 0, 64, sizeof(struct scratch));
