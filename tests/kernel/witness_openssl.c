// SPDX-License-Identifier: GPL-3.0-or-later
// The block cipher modes as OpenSSL has them.
//
// Refs: ETSI TS 103 127 (CISSA); ATIS-0800006 (IDSA: what is left of a last block is XORed with the encryption of the
// block before it, or of the IV when it is the first).
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include <base_check.h>

#include "witness.h"

enum { BLOCK_BYTES = 16 };

static const struct mode {
	const char *name;
	const EVP_CIPHER *(*whole)(void); // for whole blocks
	const EVP_CIPHER *(*rest)(void);  // for a block that ends early, else NULL
	uint8_t iv[BLOCK_BYTES + 1];
} modes[] = {
	{"cissa", EVP_aes_128_cbc, NULL, "DVBTMCPTAESCISSA"},
	{"idsa", EVP_aes_128_cbc, EVP_aes_128_ecb, ""},
	{"sm4-cbc", EVP_sm4_cbc, NULL, ""},
	{"aes-cbc", EVP_aes_128_cbc, NULL, ""},
	{"aes-ecb", EVP_aes_128_ecb, NULL, ""},
};

struct state {
	const struct mode *mode;
	EVP_CIPHER_CTX *whole, *rest;
};

static const struct mode *find(enum dp_algorithm algorithm)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, dp_algorithm[algorithm].name) == 0)
			return &modes[i];
	return NULL;
}

static void *open_state(enum dp_algorithm algorithm)
{
	const struct mode *mode = find(algorithm);
	struct state *s;

	if (!mode)
		return NULL;
	s = calloc(1, sizeof(*s));
	CHECK(s);
	s->mode = mode;
	s->whole = EVP_CIPHER_CTX_new();
	CHECK(s->whole && EVP_EncryptInit_ex(s->whole, mode->whole(), NULL, NULL, NULL) == 1);
	if (mode->rest) {
		s->rest = EVP_CIPHER_CTX_new();
		CHECK(s->rest && EVP_EncryptInit_ex(s->rest, mode->rest(), NULL, NULL, NULL) == 1);
	}
	return s;
}

static void close_state(void *state)
{
	struct state *s = state;

	EVP_CIPHER_CTX_free(s->whole);
	EVP_CIPHER_CTX_free(s->rest);
	free(s);
}

static void set_key(void *state, const uint8_t *cw)
{
	struct state *s = state;

	CHECK(EVP_EncryptInit_ex(s->whole, NULL, NULL, cw, s->mode->iv) == 1);
	EVP_CIPHER_CTX_set_padding(s->whole, 0);
	if (s->rest) {
		CHECK(EVP_EncryptInit_ex(s->rest, NULL, NULL, cw, NULL) == 1);
		EVP_CIPHER_CTX_set_padding(s->rest, 0);
	}
}

static void finish_block(const struct state *s, uint8_t *bytes, unsigned whole, unsigned n)
{
	const uint8_t *before = whole ? bytes + whole - BLOCK_BYTES : s->mode->iv;
	uint8_t stream[BLOCK_BYTES];
	int out;

	CHECK(EVP_EncryptUpdate(s->rest, stream, &out, before, BLOCK_BYTES) == 1 && out == BLOCK_BYTES);
	for (unsigned i = whole; i < n; i++)
		bytes[i] ^= stream[i - whole];
}

static void scramble(void *state, const struct witness_packet *packets, unsigned count)
{
	struct state *s = state;
	int out;

	for (unsigned i = 0; i < count; i++) {
		uint8_t *bytes = packets[i].bytes;
		unsigned whole = packets[i].n & ~(BLOCK_BYTES - 1u);

		// Only the IV again: every packet is a chain of its own.
		CHECK(EVP_EncryptInit_ex(s->whole, NULL, NULL, NULL, s->mode->iv) == 1);
		if (whole)
			CHECK(EVP_EncryptUpdate(s->whole, bytes, &out, bytes, (int)whole) == 1 && out == (int)whole);
		if (s->rest && whole < packets[i].n)
			finish_block(s, bytes, whole, packets[i].n);
	}
}

const struct witness_kind witness_openssl = {
	.name = "OpenSSL",
	.outside = true,
	.open = open_state,
	.set_key = set_key,
	.scramble = scramble,
	.close = close_state,
};
