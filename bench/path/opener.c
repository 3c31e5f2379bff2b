// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/opener.h"

#include <errno.h>

#include <dvbcsa/dvbcsa.h>
#include <openssl/evp.h>

#include <base_check.h>

enum { AES_BLOCK_BYTES = 16 };

int bench_opener_init(struct bench_opener *opener)
{
	opener->csa = dvbcsa_key_alloc();
	opener->aes = EVP_CIPHER_CTX_new();
	return opener->csa && opener->aes ? 0 : -ENOMEM;
}

void bench_opener_fini(struct bench_opener *opener)
{
	if (opener->csa)
		dvbcsa_key_free(opener->csa);
	EVP_CIPHER_CTX_free(opener->aes);
	*opener = (struct bench_opener){0};
}

static void open_cissa(EVP_CIPHER_CTX *aes, const uint8_t *cw, uint8_t *payload, int blocks)
{
	static const uint8_t iv[] = "DVBTMCPTAESCISSA";
	int out;

	CHECK(EVP_DecryptInit_ex(aes, EVP_aes_128_cbc(), NULL, cw, iv) == 1);
	CHECK(EVP_CIPHER_CTX_set_padding(aes, 0) == 1);
	CHECK(EVP_DecryptUpdate(aes, payload, &out, payload, blocks) == 1 && out == blocks);
}

void bench_opener_open(struct bench_opener *opener, enum dp_algorithm algorithm, const uint8_t *cw, uint8_t *payload,
		       size_t n)
{
	CHECK(algorithm == DP_CSA2 || algorithm == DP_CISSA);
	if (algorithm == DP_CISSA) {
		open_cissa(opener->aes, cw, payload, (int)(n - n % AES_BLOCK_BYTES));
		return;
	}
	dvbcsa_key_set(cw, opener->csa);
	dvbcsa_decrypt(opener->csa, payload, (unsigned)n);
}
