// SPDX-License-Identifier: GPL-3.0-or-later
// OpenSSL's EVP with a context per key, of which only the IV is set again for a packet.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "kernel/contender.h"

enum { BLOCK_BYTES = 16 };

struct evp {
	const EVP_CIPHER *cipher;
	bool residue; // IDSA: the last 1..15 bytes XOR the encrypted last block
	uint8_t iv[BLOCK_BYTES];
	const struct bench_load *load;
	struct bench_shape shape;
	EVP_CIPHER_CTX *key[BENCH_LOAD_PKTS];
	EVP_CIPHER_CTX *block[BENCH_LOAD_PKTS]; // ECB with the same key, for the residue
	uint8_t dst[BENCH_LOAD_PKTS][BENCH_LOAD_STRIDE];
};

static void lay(void *state, const struct bench_shape *shape)
{
	struct evp *s = state;

	s->shape = *shape;
	memcpy(s->dst, s->load->bytes, sizeof(s->dst));
}

static void run_residue(struct evp *s, unsigned i, unsigned n, unsigned covered)
{
	const uint8_t *last = covered ? s->dst[i] + covered - BLOCK_BYTES : s->iv;
	uint8_t mask[BLOCK_BYTES];
	int out;

	EVP_EncryptUpdate(s->block[i % s->shape.keys], mask, &out, last, BLOCK_BYTES);
	for (unsigned k = covered; k < n; k++)
		s->dst[i][k] = s->load->bytes[i][k] ^ mask[k - covered];
}

static void run(void *state, unsigned turn)
{
	struct evp *s = state;
	unsigned first = bench_load_first(&s->shape, turn);

	for (unsigned i = first; i < first + s->shape.fill; i++) {
		EVP_CIPHER_CTX *key = s->key[i % s->shape.keys];
		unsigned n = bench_load_bytes(s->load, &s->shape, i), covered = n & ~(BLOCK_BYTES - 1u);
		int out;

		EVP_EncryptInit_ex(key, NULL, NULL, NULL, s->iv);
		EVP_EncryptUpdate(key, s->dst[i], &out, s->load->bytes[i], (int)covered);
		if (s->residue && covered < n)
			run_residue(s, i, n, covered);
	}
}

static void set_key(void *state, unsigned slot)
{
	struct evp *s = state;

	EVP_EncryptInit_ex(s->key[slot], NULL, NULL, s->load->cw[slot], s->iv);
}

static const uint8_t *out(void *state, unsigned i)
{
	const struct evp *s = state;

	return s->dst[i];
}

static void shut(void *state)
{
	struct evp *s = state;

	for (unsigned i = 0; i < BENCH_LOAD_PKTS; i++) {
		EVP_CIPHER_CTX_free(s->key[i]);
		EVP_CIPHER_CTX_free(s->block[i]);
	}
	free(s);
}

static bool knows(struct evp *s, enum dp_algorithm algorithm)
{
	s->cipher = EVP_aes_128_cbc();
	switch (algorithm) {
	case DP_CISSA:
		memcpy(s->iv, "DVBTMCPTAESCISSA", BLOCK_BYTES);
		return true;
	case DP_IDSA:
		s->residue = true;
		return true;
	case DP_AES_CBC:
		return true;
	case DP_AES_ECB:
		s->cipher = EVP_aes_128_ecb();
		return true;
	case DP_SM4_CBC:
		s->cipher = EVP_sm4_cbc();
		return true;
	default:
		return false;
	}
}

static int make_key(struct evp *s, unsigned i)
{
	s->key[i] = EVP_CIPHER_CTX_new();
	s->block[i] = EVP_CIPHER_CTX_new();
	if (!s->key[i] || !s->block[i])
		return -ENOMEM;
	if (EVP_EncryptInit_ex(s->key[i], s->cipher, NULL, s->load->cw[i], s->iv) != 1 ||
	    EVP_EncryptInit_ex(s->block[i], EVP_aes_128_ecb(), NULL, s->load->cw[i], NULL) != 1)
		return -ENOTSUP;
	EVP_CIPHER_CTX_set_padding(s->key[i], 0);
	EVP_CIPHER_CTX_set_padding(s->block[i], 0);
	return 0;
}

int bench_openssl_open(struct bench_contender *c, enum dp_algorithm algorithm, const struct bench_load *load)
{
	struct evp *s = calloc(1, sizeof(*s));
	int rc = s ? 0 : -ENOMEM;

	if (!rc && !knows(s, algorithm))
		rc = -ENOTSUP;
	for (unsigned i = 0; i < BENCH_LOAD_PKTS && !rc; i++) {
		s->load = load;
		rc = make_key(s, i);
	}
	if (rc) {
		if (s)
			shut(s);
		return rc;
	}
	*c = BENCH_LIBRARY("openssl", s);
	return 0;
}
