// SPDX-License-Identifier: GPL-3.0-or-later
// Authenticity of an ECM: the first 8 bytes of CMAC with the suite's cipher.
//
// Refs: NIST SP 800-38B; docs/ecm.md (mac).
#include <stb_ecm.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

// The cipher names of OpenSSL; two-key TDES is DES-EDE.
static char *cipher_name(uint8_t suite)
{
	static char tdes[] = "DES-EDE-CBC", aes[] = "AES-128-CBC", sm4[] = "SM4-CBC";

	return suite == STB_SUITE_TDES ? tdes : suite == STB_SUITE_AES ? aes : sm4;
}

enum stb_ecm_verdict stb_ecm_check_mac(const struct stb_ecm *ecm, const uint8_t *key)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher_name(ecm->suite), 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	enum stb_ecm_verdict verdict = STB_ECM_FAILED;
	uint8_t tag[16];
	size_t n = 0;

	if (ctx && EVP_MAC_init(ctx, key, STB_KEY_BYTES, params) == 1 &&
	    EVP_MAC_update(ctx, ecm->bytes, ecm->signed_bytes) == 1 && EVP_MAC_final(ctx, tag, &n, sizeof(tag)) == 1 &&
	    n >= STB_ECM_MAC_BYTES)
		verdict = CRYPTO_memcmp(tag, ecm->bytes + ecm->signed_bytes, STB_ECM_MAC_BYTES) == 0 ? STB_ECM_OPENED
												     : STB_ECM_BAD_MAC;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return verdict;
}
