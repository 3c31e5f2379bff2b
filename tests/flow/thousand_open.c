// SPDX-License-Identifier: GPL-3.0-or-later
#include <thousand_open.h>

#include <stdlib.h>

#include <dvbcsa/dvbcsa.h>
#include <openssl/evp.h>

enum { CSA_BLOCK_BYTES = 8, AES_BLOCK_BYTES = 16 };

static const uint8_t cissa_iv[] = {'D', 'V', 'B', 'T', 'M', 'C', 'P', 'T', 'A', 'E', 'S', 'C', 'I', 'S', 'S', 'A'};

struct thousand_open {
	struct dvbcsa_key_s *csa; // one of the two
	EVP_CIPHER_CTX *cissa;
};

static bool take_cissa(struct thousand_open *open, const uint8_t *cw)
{
	open->cissa = EVP_CIPHER_CTX_new();
	return open->cissa && EVP_DecryptInit_ex(open->cissa, EVP_aes_128_cbc(), NULL, cw, cissa_iv) == 1 &&
	       EVP_CIPHER_CTX_set_padding(open->cissa, 0) == 1;
}

static bool take_csa(struct thousand_open *open, const uint8_t *cw)
{
	open->csa = dvbcsa_key_alloc();
	if (open->csa)
		dvbcsa_key_set(cw, open->csa);
	return open->csa != NULL;
}

struct thousand_open *thousand_open_new(bool cissa, const uint8_t *cw)
{
	struct thousand_open *open = calloc(1, sizeof(*open));

	if (open && !(cissa ? take_cissa(open, cw) : take_csa(open, cw))) {
		thousand_open_free(open);
		open = NULL;
	}
	return open;
}

void thousand_open_free(struct thousand_open *open)
{
	if (!open)
		return;
	if (open->csa)
		dvbcsa_key_free(open->csa);
	EVP_CIPHER_CTX_free(open->cissa);
	free(open);
}

bool thousand_open_payload(struct thousand_open *open, uint8_t *payload, size_t n)
{
	int blocks = (int)(n / AES_BLOCK_BYTES * AES_BLOCK_BYTES), made;

	if (open->csa) {
		if (n >= CSA_BLOCK_BYTES)
			dvbcsa_decrypt(open->csa, payload, (unsigned)n);
		return true;
	}
	return EVP_DecryptInit_ex(open->cissa, NULL, NULL, NULL, cissa_iv) == 1 &&
	       EVP_DecryptUpdate(open->cissa, payload, &made, payload, blocks) == 1 && made == blocks;
}
