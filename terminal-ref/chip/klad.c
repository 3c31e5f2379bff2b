// SPDX-License-Identifier: GPL-3.0-or-later
// The key ladder by OpenSSL, step by step between locked registers.
#include <stb_klad.h>

#include <errno.h>
#include <string.h>

#include <base_secret.h>
#include <openssl/evp.h>

enum { K3 = 0, K2 = STB_KEY_BYTES, K1 = 2 * STB_KEY_BYTES, REGISTERS = 3 * STB_KEY_BYTES };

static const EVP_CIPHER *cipher_of(enum stb_suite suite)
{
	switch (suite) {
	case STB_SUITE_TDES:
		return EVP_des_ede_ecb();
	case STB_SUITE_AES:
		return EVP_aes_128_ecb();
	case STB_SUITE_SM4:
		return EVP_sm4_ecb();
	default:
		return NULL;
	}
}

// One step: out = D(key, in), block by block. Freeing the context wipes its key schedule.
static int step(enum stb_suite suite, const uint8_t *key, const uint8_t *in, size_t n, uint8_t *out)
{
	const EVP_CIPHER *cipher = cipher_of(suite);
	EVP_CIPHER_CTX *ctx;
	int done = 0, rc = -EINVAL;

	if (!cipher)
		return -EINVAL;
	ctx = EVP_CIPHER_CTX_new();
	if (!ctx)
		return -ENOMEM;
	if (EVP_DecryptInit_ex(ctx, cipher, NULL, key, NULL) == 1 && EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_DecryptUpdate(ctx, out, &done, in, (int)n) == 1 && (size_t)done == n)
		rc = 0;
	EVP_CIPHER_CTX_free(ctx);
	base_secret_scrub_stack();
	return rc;
}

int stb_klad_open(struct stb_klad *klad, enum stb_suite suite, const uint8_t *k3)
{
	int rc;

	*klad = (struct stb_klad){.suite = suite};
	if (!cipher_of(suite))
		return -EINVAL;
	rc = base_secret_init(&klad->registers, REGISTERS);
	if (rc < 0)
		return rc;
	klad->registers.len_bytes = REGISTERS;
	memcpy(klad->registers.bytes + K3, k3, STB_KEY_BYTES);
	return 0;
}

int stb_klad_load(struct stb_klad *klad, const uint8_t *ek2, const uint8_t *ek1)
{
	uint8_t *r = klad->registers.bytes;
	int rc;

	if (!r)
		return -EACCES;
	klad->loaded = false;
	rc = step(klad->suite, r + K3, ek2, STB_KEY_BYTES, r + K2);
	if (rc == 0)
		rc = step(klad->suite, r + K2, ek1, STB_KEY_BYTES, r + K1);
	klad->loaded = rc == 0;
	return rc;
}

int stb_klad_word(const struct stb_klad *klad, const uint8_t *ecw, size_t n, uint8_t *cw)
{
	if (!klad->loaded)
		return -EACCES;
	if (!stb_suite_ecw_bytes(klad->suite, n))
		return -EINVAL;
	return step(klad->suite, klad->registers.bytes + K1, ecw, n, cw);
}

void stb_klad_unload(struct stb_klad *klad)
{
	klad->loaded = false;
	if (klad->registers.bytes)
		base_secret_scrub(klad->registers.bytes + K2, REGISTERS - K2);
}

void stb_klad_close(struct stb_klad *klad)
{
	base_secret_fini(&klad->registers);
	*klad = (struct stb_klad){0};
}

bool stb_suite_ecw_bytes(enum stb_suite suite, size_t n)
{
	return n == 16 || (n == 8 && suite == STB_SUITE_TDES);
}

const char *stb_suite_name(enum stb_suite suite)
{
	static const char *const name[] = {[STB_SUITE_TDES] = "tdes", [STB_SUITE_AES] = "aes", [STB_SUITE_SM4] = "sm4"};

	return name[suite];
}

int stb_suite_of_name(const char *name, size_t n)
{
	for (int suite = STB_SUITE_TDES; suite <= STB_SUITE_SM4; suite++) {
		const char *known = stb_suite_name((enum stb_suite)suite);

		if (strlen(known) == n && memcmp(known, name, n) == 0)
			return suite;
	}
	return -EINVAL;
}
