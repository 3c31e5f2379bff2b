// SPDX-License-Identifier: GPL-3.0-or-later
// CISSA version 1 by OpenSSL: AES-128-CBC, the chain restarted with a fixed IV in every packet, residue in clear.
//
// Refs: ETSI TS 103 127; EN 300 468 (scrambling_mode 0x10).
#include <stb_descramble.h>

#include <base_check.h>
#include <base_secret.h>
#include <openssl/evp.h>

static void *cissa_new(void)
{
	return EVP_CIPHER_CTX_new();
}

// EVP_CIPHER_CTX_free cleanses the key schedule.
static void cissa_free(void *key)
{
	EVP_CIPHER_CTX_free(key);
}

static void cissa_set(void *key, const uint8_t *cw)
{
	CHECK(EVP_DecryptInit_ex(key, EVP_aes_128_cbc(), NULL, cw, NULL) == 1);
	CHECK(EVP_CIPHER_CTX_set_padding(key, 0) == 1);
	base_secret_scrub_stack();
}

static void cissa_open(void *key, uint8_t *payload, size_t n)
{
	static const uint8_t iv[16] = {'D', 'V', 'B', 'T', 'M', 'C', 'P', 'T', 'A', 'E', 'S', 'C', 'I', 'S', 'S', 'A'};
	int out = 0, blocks = (int)(n / 16 * 16);

	if (blocks == 0)
		return;
	CHECK(EVP_DecryptInit_ex(key, NULL, NULL, NULL, iv) == 1);
	CHECK(EVP_DecryptUpdate(key, payload, &out, payload, blocks) == 1 && out == blocks);
}

const struct stb_cipher stb_cipher_cissa = {"cissa", 16, 16, cissa_new, cissa_set, cissa_free, cissa_open};
