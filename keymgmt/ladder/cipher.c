// SPDX-License-Identifier: GPL-3.0-or-later
#include "ladder/cipher.h"

#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <base_check.h>
#include <base_secret.h>

enum { RUN_MAX_BYTES = 1024 };

static const EVP_CIPHER *find_cipher(enum km_suite suite)
{
	switch (suite) {
	case KM_SUITE_TDES:
		return EVP_des_ede();
	case KM_SUITE_AES:
		return EVP_aes_128_ecb();
	default:
		return EVP_sm4_ecb();
	}
}

int km_cipher_open(struct km_cipher *cipher, enum km_suite suite, const uint8_t *key, enum km_direction direction)
{
	cipher->ctx = EVP_CIPHER_CTX_new();
	if (!cipher->ctx)
		return -ENOMEM;
	// Padding is a property of the keyed context: it is switched off after the key is in.
	if (EVP_CipherInit_ex2(cipher->ctx, find_cipher(suite), key, NULL, direction == KM_SEAL, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(cipher->ctx, 0) != 1) {
		km_cipher_close(cipher);
		return -ENOMEM;
	}
	return 0;
}

int km_cipher_run(struct km_cipher *cipher, uint8_t *out, const uint8_t *in, size_t n)
{
	int written = 0;

	CHECK(n <= RUN_MAX_BYTES);
	if (EVP_CipherUpdate(cipher->ctx, out, &written, in, (int)n) != 1 || (size_t)written != n)
		return -EIO;
	return 0;
}

void km_cipher_close(struct km_cipher *cipher)
{
	EVP_CIPHER_CTX_free(cipher->ctx);
	cipher->ctx = NULL;
}

// CMAC is built on the cipher's CBC form.
static const char *find_cbc(enum km_suite suite)
{
	switch (suite) {
	case KM_SUITE_TDES:
		return "DES-EDE-CBC";
	case KM_SUITE_AES:
		return "AES-128-CBC";
	default:
		return "SM4-CBC";
	}
}

int km_mac_open(struct km_mac *mac, enum km_suite suite, const uint8_t *key)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)(uintptr_t)find_cbc(suite), 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);

	mac->ctx = cmac ? EVP_MAC_CTX_new(cmac) : NULL;
	EVP_MAC_free(cmac);
	if (!mac->ctx)
		return -ENOMEM;
	if (EVP_MAC_init(mac->ctx, key, KM_KEY_BYTES, params) != 1) {
		km_mac_close(mac);
		return -ENOMEM;
	}
	return 0;
}

int km_mac_run(struct km_mac *mac, uint8_t *out, size_t bytes, const uint8_t *in, size_t n)
{
	uint8_t whole[KM_BLOCK_MAX_BYTES];
	size_t written = 0;
	int rc = 0;

	// Without a key, the one that is there starts over.
	if (EVP_MAC_init(mac->ctx, NULL, 0, NULL) != 1 || EVP_MAC_update(mac->ctx, in, n) != 1 ||
	    EVP_MAC_final(mac->ctx, whole, &written, sizeof(whole)) != 1 || written < bytes)
		rc = -EIO;
	else
		memcpy(out, whole, bytes);
	base_secret_scrub(whole, sizeof(whole));
	return rc;
}

void km_mac_close(struct km_mac *mac)
{
	EVP_MAC_CTX_free(mac->ctx);
	mac->ctx = NULL;
}
