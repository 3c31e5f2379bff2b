// SPDX-License-Identifier: GPL-3.0-or-later
// ATIS-IDSA by OpenSSL: AES-128-CBC from an IV of zeros, the chain begun anew in every packet; the residue is XORed
// with the encryption of the last scrambled block, or of the IV where there is none. So a payload of any length is
// covered.
//
// Refs: ATIS-0800006; EN 300 468 (scrambling_mode 0x70).
#include <stb_descramble.h>

#include <stdlib.h>
#include <string.h>

#include <base_check.h>
#include <base_secret.h>
#include <openssl/evp.h>

enum { BLOCK_BYTES = 16 };

struct idsa_key {
	EVP_CIPHER_CTX *chain; // decrypts
	EVP_CIPHER_CTX *block; // encrypts what the residue is XORed with
};

// EVP_CIPHER_CTX_free cleanses the key schedule.
static void idsa_free(void *key)
{
	struct idsa_key *k = key;

	if (!k)
		return;
	EVP_CIPHER_CTX_free(k->chain);
	EVP_CIPHER_CTX_free(k->block);
	free(k);
}

static void *idsa_new(void)
{
	struct idsa_key *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->chain = EVP_CIPHER_CTX_new();
	k->block = EVP_CIPHER_CTX_new();
	if (k->chain && k->block)
		return k;
	idsa_free(k);
	return NULL;
}

static void idsa_set(void *key, const uint8_t *cw)
{
	struct idsa_key *k = key;

	CHECK(EVP_DecryptInit_ex(k->chain, EVP_aes_128_cbc(), NULL, cw, NULL) == 1);
	CHECK(EVP_EncryptInit_ex(k->block, EVP_aes_128_ecb(), NULL, cw, NULL) == 1);
	CHECK(EVP_CIPHER_CTX_set_padding(k->chain, 0) == 1 && EVP_CIPHER_CTX_set_padding(k->block, 0) == 1);
	base_secret_scrub_stack();
}

static void idsa_open(void *key, uint8_t *payload, size_t n)
{
	static const uint8_t iv[BLOCK_BYTES];
	struct idsa_key *k = key;
	uint8_t last[BLOCK_BYTES], mask[BLOCK_BYTES];
	int out = 0, bytes = (int)(n / BLOCK_BYTES * BLOCK_BYTES);

	memcpy(last, bytes ? payload + bytes - BLOCK_BYTES : iv, BLOCK_BYTES);
	CHECK(EVP_EncryptUpdate(k->block, mask, &out, last, BLOCK_BYTES) == 1 && out == BLOCK_BYTES);
	for (size_t i = (size_t)bytes; i < n; i++)
		payload[i] ^= mask[i - (size_t)bytes];
	if (bytes == 0)
		return;
	CHECK(EVP_DecryptInit_ex(k->chain, NULL, NULL, NULL, iv) == 1);
	CHECK(EVP_DecryptUpdate(k->chain, payload, &out, payload, bytes) == 1 && out == bytes);
}

const struct stb_cipher stb_cipher_idsa = {"idsa", 16, 1, idsa_new, idsa_set, idsa_free, idsa_open};
