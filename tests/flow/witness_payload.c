// SPDX-License-Identifier: GPL-3.0-or-later
#include <witness_payload.h>

#include <errno.h>
#include <string.h>

#include <dvbcsa/dvbcsa.h>
#include <openssl/evp.h>

enum { CSA_BLOCK_BYTES = 8, BLOCK_BYTES = 16 };

const char *const witness_algorithm_name[WITNESS_ALGORITHMS] = {"csa1", "csa2", "cissa", "sm4-cbc"};

size_t witness_cw_bytes(enum witness_algorithm algorithm)
{
	return algorithm == WITNESS_CSA1 || algorithm == WITNESS_CSA2 ? 8 : 16;
}

// Whole blocks; the residue stays.
static int cbc(const EVP_CIPHER *cipher, const uint8_t *iv, const uint8_t *cw, const uint8_t *clear, size_t n,
	       uint8_t *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int blocks = (int)(n / BLOCK_BYTES * BLOCK_BYTES), made = 0, rc = -EIO;

	memcpy(out, clear, n);
	if (context && EVP_EncryptInit_ex(context, cipher, NULL, cw, iv) == 1 &&
	    EVP_CIPHER_CTX_set_padding(context, 0) == 1 && EVP_EncryptUpdate(context, out, &made, clear, blocks) == 1 &&
	    made == blocks)
		rc = 0;
	EVP_CIPHER_CTX_free(context);
	return rc;
}

static int csa(const uint8_t *cw, const uint8_t *clear, size_t n, uint8_t *out)
{
	struct dvbcsa_key_s *key = dvbcsa_key_alloc();

	if (!key)
		return -EIO;
	memcpy(out, clear, n);
	dvbcsa_key_set(cw, key);
	if (n >= CSA_BLOCK_BYTES)
		dvbcsa_encrypt(key, out, (unsigned)n);
	dvbcsa_key_free(key);
	return 0;
}

int witness_payload_scramble(enum witness_algorithm algorithm, const uint8_t *cw, const uint8_t *clear, size_t n,
			     uint8_t *out)
{
	static const uint8_t zeros[BLOCK_BYTES];
	static const uint8_t iv[] = {'D', 'V', 'B', 'T', 'M', 'C', 'P', 'T', 'A', 'E', 'S', 'C', 'I', 'S', 'S', 'A'};
	uint8_t reduced[8];

	switch (algorithm) {
	case WITNESS_CISSA:
		return cbc(EVP_aes_128_cbc(), iv, cw, clear, n, out);
	case WITNESS_SM4_CBC:
		return cbc(EVP_sm4_cbc(), zeros, cw, clear, n, out);
	case WITNESS_CSA2:
		return csa(cw, clear, n, out);
	default:
		memcpy(reduced, cw, sizeof(reduced));
		reduced[3] = (uint8_t)(cw[0] + cw[1] + cw[2]);
		reduced[7] = (uint8_t)(cw[4] + cw[5] + cw[6]);
		return csa(reduced, clear, n, out);
	}
}
