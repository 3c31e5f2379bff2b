// SPDX-License-Identifier: GPL-3.0-or-later
// Descramblers against published and computed answers (tests/vectors/scrambling.json, each with its source).
#include <stb_descramble.h>

#include <errno.h>
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

static void selection(void)
{
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
	{"CISSA known answers", cissa},      {"CSA2 known answers", csa2},
	{"CSA2 by length", csa2_by_length},  {"short payloads stay", short_payloads_stay},
	{"CSA1 forces its sums", csa1_sums}, {"selection", selection},
};

UNIT_MAIN("descramble", tests)
