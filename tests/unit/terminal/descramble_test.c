// SPDX-License-Identifier: GPL-3.0-or-later
// Descramblers against published and computed answers (tests/vectors/scrambling.json, each with its source).
#include <stb_descramble.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <jansson.h>
#include <unit.h>

#define PAYLOAD_MAX 184

static json_t *load(const char *block)
{
	json_t *root = json_load_file(TEST_VECTORS "/scrambling.json", 0, NULL), *found;

	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	found = json_incref(json_object_get(root, block));
	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	json_decref(root);
	return found;
}

static size_t bytes(uint8_t *out, const json_t *hex)
{
	const char *text = json_string_value(hex);
	int n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	n = base_bytes_from_hex(out, PAYLOAD_MAX, text, strlen(text));
	CU_ASSERT_FATAL(n > 0);
	return (size_t)n;
}

static void opens_to(const struct stb_cipher *cipher, const json_t *cw, const json_t *scrambled, const json_t *clear)
{
	uint8_t key_bytes[PAYLOAD_MAX], got[PAYLOAD_MAX], want[PAYLOAD_MAX];
	size_t n;
	void *key = cipher->key_new();

	CU_ASSERT_EQUAL(bytes(key_bytes, cw), cipher->cw_bytes);
	n = bytes(got, scrambled);
	CU_ASSERT_EQUAL(bytes(want, clear), n);
	cipher->key_set(key, key_bytes);
	cipher->open(key, got, n);
	CU_ASSERT_EQUAL(memcmp(got, want, n), 0);
	cipher->key_free(key);
}

static void cissa(void)
{
	json_t *v = load("CISSA_v1"), *key = json_object_get(v, "key");
	const struct stb_cipher *cipher = stb_cipher_select(STB_CISSA);

	opens_to(cipher, key, json_object_get(v, "scrambled"), json_object_get(v, "payload"));
	opens_to(cipher, key, json_object_get(v, "scrambled_33B"), json_object_get(v, "payload_33B"));
	opens_to(cipher, key, json_object_get(v, "scrambled_15B"), json_object_get(v, "payload_15B"));
	json_decref(v);
}

static void csa2(void)
{
	json_t *v = load("CSA2"), *tests = json_object_get(v, "tests"), *test;
	size_t i;

	CU_ASSERT_EQUAL(json_array_size(tests), 2);
	json_array_foreach(tests, i, test) opens_to(stb_cipher_select(STB_CSA2), json_object_get(test, "cw"),
						    json_object_get(test, "scrambled"), json_object_get(test, "clear"));
	json_decref(v);
}

static void csa2_by_length(void)
{
	json_t *v = load("CSA2"), *extra = json_object_get(v, "extra_computed_with_libdvbcsa_encrypt"), *scrambled;
	const char *length;
	size_t tried = 0;

	json_object_foreach(json_object_get(extra, "by_length"), length, scrambled)
	{
		char text[2 * PAYLOAD_MAX + 1];
		size_t n = (size_t)atoi(length);
		json_t *clear;

		memset(text, 'a', 2 * n);
		clear = json_stringn(text, 2 * n);
		opens_to(stb_cipher_select(STB_CSA2), json_object_get(extra, "cw"), scrambled, clear);
		json_decref(clear);
		tried++;
	}
	CU_ASSERT_EQUAL(tried, 6);
	json_decref(v);
}

static void short_payloads_stay(void)
{
	static const uint8_t cw[16] = {1, 2, 3};

	for (int a = STB_CSA1; a < STB_ALGORITHMS; a++) {
		const struct stb_cipher *cipher = stb_cipher_select((enum stb_algorithm)a);
		uint8_t payload[16] = "abcdefghijklmno", before[16];
		void *key = cipher->key_new();

		memcpy(before, payload, sizeof(before));
		cipher->key_set(key, cw);
		cipher->open(key, payload, cipher->block_bytes - 1);
		CU_ASSERT_EQUAL(memcmp(payload, before, sizeof(before)), 0);
		cipher->open(key, payload, cipher->block_bytes);
		CU_ASSERT_NOT_EQUAL(memcmp(payload, before, cipher->block_bytes), 0);
		cipher->key_free(key);
	}
}

// CSA1 gives bytes 3 and 7 their sums, whatever the CW says there; CSA2 takes them as they are.
static void csa1_sums(void)
{
	uint8_t sums[8] = {1, 2, 3, 6, 4, 5, 6, 15}, other[8] = {1, 2, 3, 99, 4, 5, 6, 98}, a[16] = {0}, b[16] = {0},
		c[16] = {0};
	void *key = stb_cipher_csa1.key_new();

	stb_cipher_csa1.key_set(key, other);
	stb_cipher_csa1.open(key, a, sizeof(a));
	stb_cipher_csa2.key_set(key, sums);
	stb_cipher_csa2.open(key, b, sizeof(b));
	stb_cipher_csa2.key_set(key, other);
	stb_cipher_csa2.open(key, c, sizeof(c));
	CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(a, c, sizeof(a)), 0);
	stb_cipher_csa1.key_free(key);
}

// The single blocks of the standards: FIPS 197 appendix C.1, and GB/T 32907 appendix A. With an IV of zeros the first
// block of a chain is that of the cipher, and the second is XORed with the first scrambled one.
static void blocks_of_the_standards(void)
{
	static const uint8_t aes_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
			     aes_clear[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					      0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff},
			     aes_block[16] = {0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30,
					      0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a},
			     sm4_key[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					    0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10},
			     sm4_block[16] = {0x68, 0x1e, 0xdf, 0x34, 0xd2, 0x06, 0x96, 0x5e,
					      0x86, 0xb3, 0xe9, 0x4f, 0x53, 0x6e, 0x42, 0x46};
	static const struct {
		const struct stb_cipher *cipher;
		const uint8_t *key, *clear, *block;
		bool chained;
	} of[] = {
		{&stb_cipher_aes_ecb, aes_key, aes_clear, aes_block, false},
		{&stb_cipher_aes_cbc, aes_key, aes_clear, aes_block, true},
		{&stb_cipher_idsa, aes_key, aes_clear, aes_block, true},
		{&stb_cipher_sm4_cbc, sm4_key, sm4_key, sm4_block, true},
	};

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		uint8_t payload[32];
		void *key = of[i].cipher->key_new();

		of[i].cipher->key_set(key, of[i].key);
		for (int times = 0; times < 2; times++) { // the chain begins anew
			memcpy(payload, of[i].block, 16);
			memcpy(payload + 16, of[i].block, 16);
			of[i].cipher->open(key, payload, 32);
			CU_ASSERT_EQUAL(memcmp(payload, of[i].clear, 16), 0);
			for (int k = 0; k < 16; k++)
				CU_ASSERT_EQUAL(payload[16 + k], of[i].clear[k] ^ (of[i].chained ? of[i].block[k] : 0));
		}
		of[i].cipher->key_free(key);
	}
}

// The residue of IDSA is XORed with the encryption of what stands before it, the IV or the last scrambled block; here
// both are zeros, of which OpenSSL's AES-128 makes this.
static void residue_of_idsa(void)
{
	static const uint8_t cw[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
			     of_zeros[16] = {0xc6, 0xa1, 0x3b, 0x37, 0x87, 0x8f, 0x5b, 0x82,
					     0x6f, 0x4f, 0x81, 0x62, 0xa1, 0xc8, 0xd8, 0x79};
	uint8_t payload[16 + 15] = {0};
	void *key = stb_cipher_idsa.key_new();

	stb_cipher_idsa.key_set(key, cw);
	for (size_t n = 1; n < 16; n++) {
		memset(payload, 0, sizeof(payload));
		stb_cipher_idsa.open(key, payload, n);
		CU_ASSERT_EQUAL(memcmp(payload, of_zeros, n), 0);
		CU_ASSERT_EQUAL(payload[n], 0);
		memset(payload, 0, sizeof(payload));
		stb_cipher_idsa.open(key, payload, 16 + n);
		CU_ASSERT_EQUAL(memcmp(payload + 16, of_zeros, n), 0);
	}
	stb_cipher_idsa.key_free(key);
}

static void selection(void)
{
	CU_ASSERT_EQUAL(stb_algorithm_of_mode(0x70), STB_IDSA);
	CU_ASSERT_EQUAL(stb_algorithm_of_mode(0x82), STB_SM4_CBC);
	CU_ASSERT_EQUAL(stb_algorithm_of_mode(0xF0), STB_AES_CBC);
	CU_ASSERT_EQUAL(stb_algorithm_of_mode(0xF2), STB_AES_ECB);
	CU_ASSERT_EQUAL(stb_algorithm_of_name("sm4-cbc"), STB_SM4_CBC);
	CU_ASSERT_EQUAL(stb_algorithm_of_mode(0x01), STB_CSA1);
	CU_ASSERT_EQUAL(stb_algorithm_of_mode(0x02), STB_CSA2);
	CU_ASSERT_EQUAL(stb_algorithm_of_mode(0x10), STB_CISSA);
	CU_ASSERT_EQUAL(stb_algorithm_of_mode(0x03), STB_ALGORITHM_AUTO);
	CU_ASSERT_EQUAL(stb_algorithm_of_name("auto"), STB_ALGORITHM_AUTO);
	CU_ASSERT_EQUAL(stb_algorithm_of_name("cissa"), STB_CISSA);
	CU_ASSERT_EQUAL(stb_algorithm_of_name("csa3"), -EINVAL);
	CU_ASSERT_PTR_NULL(stb_cipher_select(STB_ALGORITHM_AUTO));
}

static const struct unit_test tests[] = {
	{"CISSA known answers", cissa},
	{"CSA2 known answers", csa2},
	{"CSA2 by length", csa2_by_length},
	{"short payloads stay", short_payloads_stay},
	{"CSA1 forces its sums", csa1_sums},
	{"selection", selection},
	{"blocks of the standards", blocks_of_the_standards},
	{"residue of IDSA", residue_of_idsa},
};

UNIT_MAIN("descramble", tests)
