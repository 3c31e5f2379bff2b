// SPDX-License-Identifier: GPL-3.0-or-later
#include "cipher/csa/csa_reference.h"

#include <string.h>

#include <base_secret.h>

#include "cipher/cipher.h"
#include "cipher/csa/csa_tables.h"

enum { BLOCK = DP_CSA_BLOCK_BYTES, CLOCKS_PER_BYTE = 4, SCRATCH_BYTES = 192 };

static void xor_block(uint8_t *to, const uint8_t *with)
{
	for (unsigned j = 0; j < BLOCK; j++)
		to[j] ^= with[j];
}

void dp_csa_block_encrypt(const struct dp_csa_key *key, uint8_t w[8])
{
	for (unsigned i = 0; i < DP_CSA_ROUNDS; i++) {
		uint8_t s = dp_csa_block_sbox[w[7] ^ key->k[i]], first = w[0];

		w[0] = w[1];
		w[1] = w[2] ^ first;
		w[2] = w[3] ^ first;
		w[3] = w[4] ^ first;
		w[4] = w[5];
		w[5] = w[6] ^ dp_csa_block_permute(s);
		w[6] = w[7];
		w[7] = first ^ s;
	}
}

void dp_csa_block_decrypt(const struct dp_csa_key *key, uint8_t w[8])
{
	for (unsigned i = DP_CSA_ROUNDS; i-- > 0;) {
		uint8_t s = dp_csa_block_sbox[w[6] ^ key->k[i]], first = w[7] ^ s;

		w[7] = w[6];
		w[6] = w[5] ^ dp_csa_block_permute(s);
		w[5] = w[4];
		w[4] = w[3] ^ first;
		w[3] = w[2] ^ first;
		w[2] = w[1] ^ first;
		w[1] = w[0];
		w[0] = first;
	}
}

static unsigned bit(const uint8_t *cells, struct dp_csa_tap tap)
{
	return cells[tap.cell] >> tap.bit & 1u;
}

static unsigned sbox(const struct dp_csa_stream *s, unsigned number)
{
	unsigned in = 0;

	for (unsigned i = 0; i < 5; i++)
		in = in << 1 | bit(s->A, dp_csa_stream_tap[number - 1][i]);
	return dp_csa_stream_sbox[number - 1][in];
}

static unsigned fold(const uint8_t *B)
{
	unsigned nibble = 0;

	for (unsigned i = 0; i < 4; i++) {
		const struct dp_csa_tap *t = dp_csa_stream_fold[i];

		nibble = nibble << 1 | (bit(B, t[0]) ^ bit(B, t[1]) ^ bit(B, t[2]) ^ bit(B, t[3]));
	}
	return nibble;
}

static void shift(uint8_t *cells, unsigned in)
{
	memmove(cells + 2, cells + 1, 9);
	cells[1] = (uint8_t)in;
}

// A nibble whose bits 3 and 2 are the low bits of S-boxes' outputs, and 1 and 0 the high bits of others'.
static uint8_t mix(unsigned low3, unsigned low2, unsigned high1, unsigned high0)
{
	return (uint8_t)((low3 & 1) << 3 | (low2 & 1) << 2 | (high1 & 2) | (high0 & 2) >> 1);
}

// One clock; to_A and to_B are what comes in from outside. Returns two bits.
static unsigned step(struct dp_csa_stream *s, unsigned to_A, unsigned to_B)
{
	unsigned s1 = sbox(s, 1), s2 = sbox(s, 2), s3 = sbox(s, 3), s4 = sbox(s, 4);
	unsigned s5 = sbox(s, 5), s6 = sbox(s, 6), s7 = sbox(s, 7);
	unsigned a = s->A[10] ^ s->X ^ to_A;
	unsigned b = s->B[7] ^ s->B[10] ^ s->Y ^ to_B;
	unsigned sum = s->Z + s->E + s->r, d = s->E ^ s->Z ^ fold(s->B), e = s->E;

	if (s->p)
		b = (b << 1 | b >> 3) & 15;
	s->E = s->F;
	s->F = (uint8_t)(s->q ? sum & 15 : e);
	s->r = (uint8_t)(s->q ? sum >> 4 : s->r);
	s->D = (uint8_t)d;
	shift(s->A, a);
	shift(s->B, b);
	s->X = mix(s4, s3, s2, s1);
	s->Y = mix(s6, s5, s4, s3);
	s->Z = mix(s2, s1, s6, s5);
	s->p = (uint8_t)(s7 >> 1);
	s->q = (uint8_t)(s7 & 1);
	return ((d >> 3 ^ d >> 2) & 1) << 1 | ((d >> 1 ^ d) & 1);
}

void dp_csa_stream_start(struct dp_csa_stream *s, const uint8_t cw[8], const uint8_t start[8])
{
	*s = (struct dp_csa_stream){0};
	for (unsigned i = 0; i < 8; i++) {
		s->A[1 + i] = i % 2 ? cw[i / 2] & 15 : cw[i / 2] >> 4;
		s->B[1 + i] = i % 2 ? cw[4 + i / 2] & 15 : cw[4 + i / 2] >> 4;
	}
	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned high = start[i] >> 4, low = start[i] & 15;

		for (unsigned j = 0; j < CLOCKS_PER_BYTE; j++)
			step(s, s->D ^ (j % 2 ? low : high), j % 2 ? high : low);
	}
}

void dp_csa_stream_xor(struct dp_csa_stream *s, uint8_t *bytes, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned byte = 0;

		for (unsigned j = 0; j < CLOCKS_PER_BYTE; j++)
			byte = byte << 2 | step(s, 0, 0);
		bytes[i] ^= (uint8_t)byte;
	}
}

static void xor_stream(const struct dp_csa_key *key, uint8_t *bytes, unsigned n)
{
	struct dp_csa_stream s;

	dp_csa_stream_start(&s, key->cw, bytes);
	dp_csa_stream_xor(&s, bytes + BLOCK, n - BLOCK);
	base_secret_scrub(&s, sizeof(s));
}

static void scramble_one(const struct dp_csa_key *key, uint8_t *bytes, unsigned n)
{
	unsigned blocks = n / BLOCK;

	for (unsigned j = blocks; j-- > 0;) {
		uint8_t *block = bytes + BLOCK * j;

		if (j + 1 < blocks)
			xor_block(block, block + BLOCK);
		dp_csa_block_encrypt(key, block);
	}
	xor_stream(key, bytes, n);
}

static void descramble_one(const struct dp_csa_key *key, uint8_t *bytes, unsigned n)
{
	unsigned blocks = n / BLOCK;

	xor_stream(key, bytes, n);
	for (unsigned j = 0; j < blocks; j++) {
		uint8_t *block = bytes + BLOCK * j;

		dp_csa_block_decrypt(key, block);
		if (j + 1 < blocks)
			xor_block(block, block + BLOCK);
	}
}

// The work is done in scratch: a slot never holds what is between clear and scrambled.
static void run(uint8_t *scratch, struct dp_lane *lanes, unsigned n,
		void (*one)(const struct dp_csa_key *key, uint8_t *bytes, unsigned n))
{
	for (struct dp_lane *lane = lanes; lane < lanes + n; lane++) {
		memcpy(scratch, lane->src, lane->n);
		if (lane->n >= BLOCK)
			one(lane->key, scratch, lane->n);
		memcpy(lane->dst, scratch, lane->n);
		lane->done = true;
	}
	base_secret_scrub(scratch, SCRATCH_BYTES);
}

static void scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n, scramble_one);
}

static void descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n, descramble_one);
}

static int init(void *scratch)
{
	(void)scratch;
	return 0;
}

static void fini(void *scratch)
{
	(void)scratch;
}

#define REFERENCE_OPS(which, set)                                                                                   \
	{                                                                                                           \
		.algorithm = (which), .name = "reference", .isa = "portable", .lanes = DP_CIPHER_LANES_MAX,         \
		.key_bytes = sizeof(struct dp_csa_key), .scratch_bytes = SCRATCH_BYTES, .init = init, .fini = fini, \
		.set_key = (set), .scramble = scramble, .descramble = descramble,                                   \
	}

const struct dp_cipher_ops dp_csa_reference[2] = {
	REFERENCE_OPS(DP_CSA1, dp_csa1_set_key),
	REFERENCE_OPS(DP_CSA2, dp_csa2_set_key),
};
