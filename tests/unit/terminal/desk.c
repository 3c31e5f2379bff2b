// SPDX-License-Identifier: GPL-3.0-or-later
// ECMs composed by hand for the terminal's tests.
#include <desk.h>

#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>

#include <base_bytes.h>
#include <openssl/evp.h>

void desk_init(struct desk *desk, enum stb_suite suite)
{
	uint8_t *keys[] = {desk->k3, desk->k2, desk->k1[0], desk->k1[1], desk->auth[0], desk->auth[1]};

	desk->suite = suite;
	for (size_t i = 0; i < 6; i++)
		for (size_t k = 0; k < 16; k++)
			keys[i][k] = (uint8_t)(i * 59 + k * 17 + 11);
}

void desk_encrypt(enum stb_suite suite, const uint8_t *key, const uint8_t *in, size_t n, uint8_t *out)
{
	const EVP_CIPHER *cipher = suite == STB_SUITE_TDES  ? EVP_des_ede_ecb()
				   : suite == STB_SUITE_AES ? EVP_aes_128_ecb()
							    : EVP_sm4_ecb();
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done = 0;

	CU_ASSERT_EQUAL(EVP_EncryptInit_ex(ctx, cipher, NULL, key, NULL), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	CU_ASSERT_EQUAL(EVP_EncryptUpdate(ctx, out, &done, in, (int)n), 1);
	CU_ASSERT_EQUAL(done, (int)n);
	EVP_CIPHER_CTX_free(ctx);
}

// One bit to the left; what falls out comes back as the field's polynomial.
static void twice(uint8_t *block, size_t n)
{
	unsigned out = block[0] >> 7;

	for (size_t i = 0; i < n; i++)
		block[i] = (uint8_t)(block[i] << 1 | (i + 1 < n ? block[i + 1] >> 7 : 0));
	block[n - 1] ^= (uint8_t)(out ? (n == 8 ? 0x1B : 0x87) : 0);
}

size_t desk_cmac(enum stb_suite suite, const uint8_t *key, const uint8_t *bytes, size_t n, uint8_t *tag)
{
	size_t block = suite == STB_SUITE_TDES ? 8 : 16, at = 0;
	uint8_t sub[16] = {0}, last[16] = {0};

	desk_encrypt(suite, key, sub, block, sub);
	twice(sub, block);
	memset(tag, 0, block);
	for (; n - at > block; at += block) {
		for (size_t i = 0; i < block; i++)
			tag[i] ^= bytes[at + i];
		desk_encrypt(suite, key, tag, block, tag);
	}
	memcpy(last, bytes + at, n - at);
	if (n - at < block) {
		last[n - at] = 0x80;
		twice(sub, block);
	}
	for (size_t i = 0; i < block; i++)
		tag[i] ^= (uint8_t)(last[i] ^ sub[i]);
	desk_encrypt(suite, key, tag, block, tag);
	return block;
}

static size_t put_word(const struct desk *desk, const uint8_t *k1, const uint8_t *cw, size_t n, uint8_t *at)
{
	size_t ecw = desk->suite == STB_SUITE_TDES ? n : 16;
	uint8_t padded[16] = {0};

	memset(at, 0, ecw);
	if (!cw)
		return ecw;
	memcpy(padded, cw, n);
	desk_encrypt(desk->suite, k1, padded, ecw, at);
	return ecw;
}

static void put_mac(const struct desk *desk, const uint8_t *key, uint8_t *section, size_t n)
{
	uint8_t tag[16];

	desk_cmac(desk->suite, key, section, n - STB_ECM_MAC_BYTES, tag);
	memcpy(section + n - STB_ECM_MAC_BYTES, tag, STB_ECM_MAC_BYTES);
}

size_t desk_ecm(const struct desk *desk, const struct desk_ecm *ecm, uint8_t *section)
{
	unsigned key = ecm->service_key_id == 2;
	size_t n = 16;

	section[0] = (uint8_t)(0x80 | (ecm->cp_number & 1));
	section[3] = 1;
	section[4] = (uint8_t)desk->suite;
	base_bytes_put16(section + 5, DESK_SUBSYSTEM);
	base_bytes_put16(section + 7, ecm->service_key_id);
	base_bytes_put16(section + 9, ecm->cp_number);
	base_bytes_put32(section + 11, ecm->time_s);
	section[15] = (uint8_t)ecm->conditions_bytes;
	if (ecm->conditions_bytes > 0)
		memcpy(section + n, ecm->conditions, ecm->conditions_bytes);
	n += ecm->conditions_bytes;
	n += put_word(desk, desk->k1[key], ecm->even, ecm->cw_bytes, section + n);
	n += put_word(desk, desk->k1[key], ecm->odd, ecm->cw_bytes, section + n);
	n += STB_ECM_MAC_BYTES;
	base_bytes_put16(section + 1, 0x7000 | (unsigned)(n - 3));
	put_mac(desk, desk->auth[key], section, n);
	return n;
}

void desk_seal(const struct desk *desk, uint8_t *section, size_t n)
{
	put_mac(desk, desk->auth[0], section, n);
}

static size_t put_key(char *text, size_t capacity, const char *name, const uint8_t *key)
{
	char digits[33];

	base_bytes_to_hex(digits, sizeof(digits), key, 16);
	return (size_t)snprintf(text, capacity, "%s%s", name, digits);
}

size_t desk_keys(const struct desk *desk, char *text, size_t capacity)
{
	uint8_t ek2[16], ek1[16];
	size_t n = (size_t)snprintf(text, capacity, "suite %s\nca_subsystem %04x\n", stb_suite_name(desk->suite),
				    DESK_SUBSYSTEM);

	n += put_key(text + n, capacity - n, "k3 ", desk->k3);
	desk_encrypt(desk->suite, desk->k3, desk->k2, 16, ek2);
	for (size_t i = 0; i < DESK_KEYS; i++) {
		desk_encrypt(desk->suite, desk->k2, desk->k1[i], 16, ek1);
		n += (size_t)snprintf(text + n, capacity - n, "\nservice_key %zu", i + 1);
		n += put_key(text + n, capacity - n, " ek2 ", ek2);
		n += put_key(text + n, capacity - n, " ek1 ", ek1);
		n += put_key(text + n, capacity - n, " auth ", desk->auth[i]);
	}
	n += (size_t)snprintf(text + n, capacity - n, "\n");
	return n;
}
