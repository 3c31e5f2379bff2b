// SPDX-License-Identifier: GPL-3.0-or-later
// The key ladder on the known answers of tests/vectors/ladder.json, in both directions; its refusals; its hygiene.
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include <base_bytes.h>
#include <unit.h>

#include "ladder/cipher.h"
#include "ladder/ladder.h"

static json_t *vectors(const char *name)
{
	static json_t *all;
	json_error_t error;

	if (!all)
		all = json_load_file(VECTORS, JSON_REJECT_DUPLICATES, &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(all);
	json_t *part = json_object_get(all, name);

	CU_ASSERT_PTR_NOT_NULL_FATAL(part);
	return part;
}

static size_t hex(uint8_t *out, size_t capacity, const json_t *object, const char *name)
{
	const json_t *text = json_object_get(object, name);

	CU_ASSERT_FATAL(json_is_string(text));
	int n = base_bytes_from_hex(out, capacity, json_string_value(text), json_string_length(text));

	CU_ASSERT_FATAL(n > 0);
	return (size_t)n;
}

static void key(uint8_t *out, const json_t *object, const char *name)
{
	CU_ASSERT_EQUAL_FATAL(hex(out, KM_KEY_BYTES, object, name), KM_KEY_BYTES);
}

static enum km_suite suite_of(const json_t *object)
{
	const char *word = json_string_value(json_object_get(object, "suite"));

	CU_ASSERT_PTR_NOT_NULL_FATAL(word);
	return km_suite_find(word, strlen(word));
}

static void levels(const json_t *chain, enum km_suite suite)
{
	uint8_t k3[16], k2[16], k1[16], ek2[16], ek1[16], out[16];

	key(k3, chain, "K3");
	key(k2, chain, "K2");
	key(k1, chain, "K1");
	key(ek2, chain, "EK2");
	key(ek1, chain, "EK1");
	CU_ASSERT_EQUAL(km_ladder_open(suite, out, k3, ek2), 0);
	CU_ASSERT_EQUAL(memcmp(out, k2, 16), 0);
	CU_ASSERT_EQUAL(km_ladder_open(suite, out, k2, ek1), 0);
	CU_ASSERT_EQUAL(memcmp(out, k1, 16), 0);
	memset(out, 0, sizeof(out));
	CU_ASSERT_EQUAL(km_ladder_service_key(suite, out, k3, ek2, ek1), 0);
	CU_ASSERT_EQUAL(memcmp(out, k1, 16), 0);
	CU_ASSERT_EQUAL(km_ladder_seal(suite, out, k3, k2), 0);
	CU_ASSERT_EQUAL(memcmp(out, ek2, 16), 0);
	CU_ASSERT_EQUAL(km_ladder_seal(suite, out, k2, k1), 0);
	CU_ASSERT_EQUAL(memcmp(out, ek1, 16), 0);
	CU_ASSERT_EQUAL(km_ladder_open(suite, k3, k3, ek2), 0); // in the place of the key
	CU_ASSERT_EQUAL(memcmp(k3, k2, 16), 0);
}

static void words(const json_t *chain, enum km_suite suite)
{
	json_t *word;
	size_t i;

	json_array_foreach(json_object_get(chain, "words"), i, word)
	{
		uint8_t k1[16], cw[16], ecw[16], out[17];
		size_t cw_bytes = hex(cw, sizeof(cw), word, "CW"), ecw_bytes = hex(ecw, sizeof(ecw), word, "ECW");

		key(k1, chain, "K1");
		memset(out, 0xEE, sizeof(out));
		CU_ASSERT_EQUAL(km_ladder_seal_cw(suite, out, k1, cw, cw_bytes), (int)ecw_bytes);
		CU_ASSERT_EQUAL(memcmp(out, ecw, ecw_bytes), 0);
		CU_ASSERT_EQUAL(out[ecw_bytes], 0xEE);
		memset(out, 0xEE, sizeof(out));
		CU_ASSERT_EQUAL(km_ladder_open_cw(suite, out, cw_bytes, k1, ecw), 0);
		CU_ASSERT_EQUAL(memcmp(out, cw, cw_bytes), 0);
		CU_ASSERT_EQUAL(out[cw_bytes], 0xEE);
	}
}

static void challenge(const json_t *chain, enum km_suite suite)
{
	uint8_t k2[16], a[16], nonce[16], da_nonce[16], out[16];

	if (!json_object_get(chain, "nonce"))
		return;
	key(k2, chain, "K2");
	key(a, chain, "A");
	key(nonce, chain, "nonce");
	key(da_nonce, chain, "DA_nonce");
	CU_ASSERT_EQUAL(km_ladder_open(suite, out, k2, k2), 0);
	CU_ASSERT_EQUAL(memcmp(out, a, 16), 0);
	CU_ASSERT_EQUAL(km_ladder_challenge(suite, out, k2, nonce), 0);
	CU_ASSERT_EQUAL(memcmp(out, da_nonce, 16), 0);
}

static void chains(void)
{
	unsigned of_suite[KM_SUITE_SM4 + 1] = {0}, challenged = 0, opened = 0;
	json_t *chain;
	size_t i;

	json_array_foreach(vectors("chains"), i, chain)
	{
		enum km_suite suite = suite_of(chain);

		CU_ASSERT_NOT_EQUAL_FATAL(suite, KM_SUITE_NONE);
		levels(chain, suite);
		words(chain, suite);
		challenge(chain, suite);
		of_suite[suite]++;
		challenged += json_object_get(chain, "nonce") != NULL;
		opened += (unsigned)json_array_size(json_object_get(chain, "words"));
	}
	CU_ASSERT_TRUE(of_suite[KM_SUITE_TDES] >= 4 && of_suite[KM_SUITE_AES] >= 5 && of_suite[KM_SUITE_SM4] >= 3);
	CU_ASSERT_TRUE(challenged >= 9 && opened >= 25);
}

static void published_block(void)
{
	const json_t *block = vectors("block");
	uint8_t k[16], plain[16], cipher[16], out[16];

	key(k, block, "key");
	key(plain, block, "plain");
	key(cipher, block, "cipher");
	CU_ASSERT_EQUAL(km_ladder_seal(suite_of(block), out, k, plain), 0);
	CU_ASSERT_EQUAL(memcmp(out, cipher, 16), 0);
}

// A keyed MAC gives the same answer every time, whatever it was given in between.
static void mac_again_and_again(void)
{
	const json_t *cmac = vectors("cmac");
	uint8_t k[16], message[48], expected[16], out[16];
	struct km_mac mac;

	key(k, cmac, "key");
	CU_ASSERT_EQUAL_FATAL(hex(message, sizeof(message), cmac, "msg"), 48);
	for (unsigned s = KM_SUITE_TDES; s <= KM_SUITE_SM4; s++) {
		size_t n = hex(expected, sizeof(expected), cmac, km_suite_word((enum km_suite)s));

		CU_ASSERT_EQUAL(n, km_suite_block_bytes((enum km_suite)s));
		CU_ASSERT_EQUAL_FATAL(km_mac_open(&mac, (enum km_suite)s, k), 0);
		for (unsigned i = 0; i < 3; i++) {
			memset(out, 0xEE, sizeof(out));
			CU_ASSERT_EQUAL(km_mac_run(&mac, out, n, message, sizeof(message)), 0);
			CU_ASSERT_EQUAL(memcmp(out, expected, n), 0);
			CU_ASSERT_EQUAL(km_mac_run(&mac, out, n, message, i), 0);
			CU_ASSERT_NOT_EQUAL(memcmp(out, expected, n), 0);
		}
		memset(out, 0xEE, sizeof(out));
		CU_ASSERT_EQUAL(km_mac_run(&mac, out, 5, message, sizeof(message)), 0);
		CU_ASSERT_TRUE(memcmp(out, expected, 5) == 0 && out[5] == 0xEE);
		CU_ASSERT_EQUAL(km_mac_run(&mac, out, n + 1, message, sizeof(message)), -EIO); // longer than a block
		km_mac_close(&mac);
		CU_ASSERT_PTR_NULL(mac.ctx);
		km_mac_close(&mac); // of what is closed
	}
}

static void cipher_edges(void)
{
	static const uint8_t k[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	uint8_t in[16] = {0}, out[16];
	struct km_cipher cipher;

	CU_ASSERT_EQUAL_FATAL(km_cipher_open(&cipher, KM_SUITE_AES, k, KM_SEAL), 0);
	CU_ASSERT_EQUAL(km_cipher_run(&cipher, out, in, 15), -EIO); // no whole block
	km_cipher_close(&cipher);
	km_cipher_close(&cipher);
	CU_ASSERT_PTR_NULL(cipher.ctx);
}

static void lengths(void)
{
	static const uint8_t k1[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, in[16] = {7};
	static const size_t bad[] = {0, 1, 7, 9, 15, 17, 32};
	uint8_t out[16];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(out, 0xEE, sizeof(out));
		CU_ASSERT_EQUAL(km_ladder_seal_cw(KM_SUITE_AES, out, k1, in, bad[i]), -EINVAL);
		CU_ASSERT_EQUAL(km_ladder_open_cw(KM_SUITE_AES, out, bad[i], k1, in), -EINVAL);
		CU_ASSERT_EQUAL(out[0], 0xEE);
	}
	CU_ASSERT_EQUAL(km_suite_ecw_bytes(KM_SUITE_TDES, 8), 8);
	CU_ASSERT_EQUAL(km_suite_ecw_bytes(KM_SUITE_TDES, 16), 16);
	CU_ASSERT_EQUAL(km_suite_ecw_bytes(KM_SUITE_AES, 8), 16);
	CU_ASSERT_EQUAL(km_suite_ecw_bytes(KM_SUITE_SM4, 16), 16);
}

static const uint8_t good_half[8] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF};

// The 16 weak and semi-weak keys as they are printed, with odd parity.
static const uint8_t printed_weak[][8] = {
	{0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01}, {0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE},
	{0xE0, 0xE0, 0xE0, 0xE0, 0xF1, 0xF1, 0xF1, 0xF1}, {0x1F, 0x1F, 0x1F, 0x1F, 0x0E, 0x0E, 0x0E, 0x0E},
	{0x01, 0x1F, 0x01, 0x1F, 0x01, 0x0E, 0x01, 0x0E}, {0x1F, 0x01, 0x1F, 0x01, 0x0E, 0x01, 0x0E, 0x01},
	{0x01, 0xE0, 0x01, 0xE0, 0x01, 0xF1, 0x01, 0xF1}, {0xE0, 0x01, 0xE0, 0x01, 0xF1, 0x01, 0xF1, 0x01},
	{0x01, 0xFE, 0x01, 0xFE, 0x01, 0xFE, 0x01, 0xFE}, {0xFE, 0x01, 0xFE, 0x01, 0xFE, 0x01, 0xFE, 0x01},
	{0x1F, 0xE0, 0x1F, 0xE0, 0x0E, 0xF1, 0x0E, 0xF1}, {0xE0, 0x1F, 0xE0, 0x1F, 0xF1, 0x0E, 0xF1, 0x0E},
	{0x1F, 0xFE, 0x1F, 0xFE, 0x0E, 0xFE, 0x0E, 0xFE}, {0xFE, 0x1F, 0xFE, 0x1F, 0xFE, 0x0E, 0xFE, 0x0E},
	{0xE0, 0xFE, 0xE0, 0xFE, 0xF1, 0xFE, 0xF1, 0xFE}, {0xFE, 0xE0, 0xFE, 0xE0, 0xFE, 0xF1, 0xFE, 0xF1},
};

static bool tdes_ok(const uint8_t *a, const uint8_t *b, uint8_t parity)
{
	uint8_t k[16];

	memcpy(k, a, 8);
	memcpy(k + 8, b, 8);
	for (unsigned i = 0; i < 16; i++)
		k[i] ^= parity;
	CU_ASSERT_TRUE(km_suite_key_ok(KM_SUITE_AES, k) && km_suite_key_ok(KM_SUITE_SM4, k));
	return km_suite_key_ok(KM_SUITE_TDES, k);
}

static void hygiene(void)
{
	static const uint8_t other_half[8] = {0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10};
	uint8_t nearly[8];

	CU_ASSERT_TRUE(tdes_ok(good_half, other_half, 0));
	CU_ASSERT_FALSE(tdes_ok(good_half, good_half, 0));
	memcpy(nearly, good_half, 8);
	nearly[7] ^= 1; // a parity bit makes no other key
	CU_ASSERT_FALSE(tdes_ok(good_half, nearly, 0));
	nearly[7] ^= 2;
	CU_ASSERT_TRUE(tdes_ok(good_half, nearly, 0));
	for (size_t i = 0; i < sizeof(printed_weak) / sizeof(printed_weak[0]); i++)
		for (uint8_t parity = 0; parity < 2; parity++) {
			CU_ASSERT_FALSE(tdes_ok(printed_weak[i], good_half, parity));
			CU_ASSERT_FALSE(tdes_ok(good_half, printed_weak[i], parity));
		}
}

// Every door of the ladder refuses a weak key and writes nothing.
static void weak_refused(void)
{
	static const uint8_t in[16] = {7};
	uint8_t weak[16], good[16], out[16], sealed[16];

	memcpy(weak, good_half, 8);
	memcpy(weak + 8, good_half, 8);
	memcpy(good, good_half, 8);
	memset(good + 8, 0x35, 8);
	memset(out, 0xEE, sizeof(out));
	CU_ASSERT_EQUAL(km_ladder_open(KM_SUITE_TDES, out, weak, in), -EINVAL);
	CU_ASSERT_EQUAL(km_ladder_seal(KM_SUITE_TDES, out, weak, in), -EINVAL);
	CU_ASSERT_EQUAL(km_ladder_seal_cw(KM_SUITE_TDES, out, weak, in, 8), -EINVAL);
	CU_ASSERT_EQUAL(km_ladder_open_cw(KM_SUITE_TDES, out, 8, weak, in), -EINVAL);
	CU_ASSERT_EQUAL(km_ladder_challenge(KM_SUITE_TDES, out, weak, in), -EINVAL);
	CU_ASSERT_EQUAL(km_ladder_service_key(KM_SUITE_TDES, out, weak, in, in), -EINVAL);
	CU_ASSERT_EQUAL(km_ladder_seal(KM_SUITE_TDES, sealed, good, weak), 0);
	CU_ASSERT_EQUAL(km_ladder_service_key(KM_SUITE_TDES, out, good, sealed, in), -EINVAL); // K2 is the weak one
	CU_ASSERT_EQUAL(out[0], 0xEE);
}

static void suite_words(void)
{
	CU_ASSERT_EQUAL(km_suite_find("tdes", 4), KM_SUITE_TDES);
	CU_ASSERT_EQUAL(km_suite_find("aes256", 3), KM_SUITE_AES);
	CU_ASSERT_EQUAL(km_suite_find("sm4", 3), KM_SUITE_SM4);
	CU_ASSERT_EQUAL(km_suite_find("", 0), KM_SUITE_NONE);
	CU_ASSERT_EQUAL(km_suite_find("AES", 3), KM_SUITE_NONE);
	CU_ASSERT_EQUAL(km_suite_find("aes", 2), KM_SUITE_NONE);
	CU_ASSERT_EQUAL(km_suite_find("sm4x", 4), KM_SUITE_NONE);
}

static const struct unit_test tests[] = {
	{"chains", chains},
	{"published block", published_block},
	{"MAC again and again", mac_again_and_again},
	{"cipher edges", cipher_edges},
	{"lengths", lengths},
	{"hygiene", hygiene},
	{"weak keys refused", weak_refused},
	{"suite words", suite_words},
};

UNIT_MAIN("ladder", tests)
