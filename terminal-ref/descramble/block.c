// SPDX-License-Identifier: GPL-3.0-or-later
// Block ciphers by OpenSSL on whole blocks, the chain begun anew in every packet, residue in clear.
//
// | name    | cipher      | IV                 |
// | cissa   | AES-128-CBC | "DVBTMCPTAESCISSA" |
// | aes-cbc | AES-128-CBC | 0                  |
// | aes-ecb | AES-128-ECB | none               |
// | sm4-cbc | SM4-CBC     | 0                  |
//
// Refs: ETSI TS 103 127 (CISSA version 1); GB/T 32907 (SM4); EN 300 468 (scrambling_mode).
#include <stb_descramble.h>

#include <base_check.h>
#include <base_secret.h>
#include <openssl/evp.h>

enum { BLOCK_BYTES = 16 };

static void *block_new(void)
{
	return EVP_CIPHER_CTX_new();
}

// EVP_CIPHER_CTX_free cleanses the key schedule.
static void block_free(void *key)
{
	EVP_CIPHER_CTX_free(key);
}

static void block_set(void *key, const EVP_CIPHER *cipher, const uint8_t *cw)
{
	CHECK(EVP_DecryptInit_ex(key, cipher, NULL, cw, NULL) == 1);
	CHECK(EVP_CIPHER_CTX_set_padding(key, 0) == 1);
	base_secret_scrub_stack();
}

static void aes_cbc_set(void *key, const uint8_t *cw)
{
	block_set(key, EVP_aes_128_cbc(), cw);
}

static void aes_ecb_set(void *key, const uint8_t *cw)
{
	block_set(key, EVP_aes_128_ecb(), cw);
}

static void sm4_cbc_set(void *key, const uint8_t *cw)
{
	block_set(key, EVP_sm4_cbc(), cw);
}

static void block_open(void *key, const uint8_t *iv, uint8_t *payload, size_t n)
{
	int out = 0, bytes = (int)(n / BLOCK_BYTES * BLOCK_BYTES);

	if (bytes == 0)
		return;
	CHECK(EVP_DecryptInit_ex(key, NULL, NULL, NULL, iv) == 1);
	CHECK(EVP_DecryptUpdate(key, payload, &out, payload, bytes) == 1 && out == bytes);
}

static void cissa_open(void *key, uint8_t *payload, size_t n)
{
	static const uint8_t iv[BLOCK_BYTES] = {'D', 'V', 'B', 'T', 'M', 'C', 'P', 'T',
						'A', 'E', 'S', 'C', 'I', 'S', 'S', 'A'};

	block_open(key, iv, payload, n);
}

static void zero_open(void *key, uint8_t *payload, size_t n)
{
	static const uint8_t iv[BLOCK_BYTES];

	block_open(key, iv, payload, n);
}

const struct stb_cipher stb_cipher_cissa = {"cissa", 16, 16, block_new, aes_cbc_set, block_free, cissa_open};
const struct stb_cipher stb_cipher_aes_cbc = {"aes-cbc", 16, 16, block_new, aes_cbc_set, block_free, zero_open};
const struct stb_cipher stb_cipher_aes_ecb = {"aes-ecb", 16, 16, block_new, aes_ecb_set, block_free, zero_open};
const struct stb_cipher stb_cipher_sm4_cbc = {"sm4-cbc", 16, 16, block_new, sm4_cbc_set, block_free, zero_open};
