// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal's own ladder against published chains, and the hygiene of its registers.
#include <stb_klad.h>

#include <errno.h>
#include <string.h>

#include <base_bytes.h>
#include <jansson.h>
#include <unit.h>

static size_t hex(const json_t *object, const char *key, uint8_t *out)
{
	const char *digits = json_string_value(json_object_get(object, key));
	int n = digits ? base_bytes_from_hex(out, 16, digits, strlen(digits)) : -EINVAL;

	CU_ASSERT_FATAL(n == 8 || n == 16);
	return (size_t)n;
}

static size_t climb(const json_t *chain)
{
	const char *name = json_string_value(json_object_get(chain, "suite"));
	uint8_t k3[16], ek2[16], ek1[16], ecw[16], cw[16], got[16];
	json_t *words = json_object_get(chain, "words"), *word;
	struct stb_klad klad;
	size_t i;
	int suite;

	CU_ASSERT_FATAL(name != NULL);
	suite = stb_suite_of_name(name, strlen(name));
	CU_ASSERT_FATAL(suite > 0);
	hex(chain, "K3", k3);
	hex(chain, "EK2", ek2);
	hex(chain, "EK1", ek1);
	CU_ASSERT_EQUAL_FATAL(stb_klad_open(&klad, (enum stb_suite)suite, k3), 0);
	CU_ASSERT_EQUAL(stb_klad_load(&klad, ek2, ek1), 0);
	json_array_foreach(words, i, word)
	{
		size_t n = hex(word, "ECW", ecw), cw_n = hex(word, "CW", cw);

		memset(got, 0xEE, sizeof(got));
		CU_ASSERT_EQUAL(stb_klad_word(&klad, ecw, n, got), 0);
		CU_ASSERT_EQUAL(memcmp(got, cw, cw_n), 0);
		// A word of 8 bytes in a block of 16 is followed by zeros.
		for (size_t k = cw_n; k < n; k++)
			CU_ASSERT_EQUAL(got[k], 0);
	}
	stb_klad_close(&klad);
	return i;
}

static void published_chains(void)
{
	json_t *root = json_load_file(TEST_VECTORS "/ladder.json", 0, NULL);
	json_t *chains = json_object_get(root, "chains"), *chain;
	size_t i, words = 0, tdes = 0, aes = 0, sm4 = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	json_array_foreach(chains, i, chain)
	{
		const char *suite = json_string_value(json_object_get(chain, "suite"));

		words += climb(chain);
		tdes += strcmp(suite, "tdes") == 0;
		aes += strcmp(suite, "aes") == 0;
		sm4 += strcmp(suite, "sm4") == 0;
	}
	CU_ASSERT(tdes >= 3 && aes >= 4 && sm4 >= 1 && words >= 20);
	json_decref(root);
}

static void refuses(void)
{
	static const uint8_t key[16] = {1}, ecw[16] = {2};
	struct stb_klad klad = {0};
	uint8_t cw[16] = {0};

	CU_ASSERT_EQUAL(stb_klad_load(&klad, key, key), -EACCES);
	CU_ASSERT_EQUAL(stb_klad_open(&klad, (enum stb_suite)0, key), -EINVAL);
	CU_ASSERT_EQUAL(stb_klad_open(&klad, (enum stb_suite)4, key), -EINVAL);
	CU_ASSERT_EQUAL_FATAL(stb_klad_open(&klad, STB_SUITE_AES, key), 0);
	CU_ASSERT_EQUAL(stb_klad_word(&klad, ecw, 16, cw), -EACCES);
	CU_ASSERT_EQUAL(stb_klad_load(&klad, key, key), 0);
	CU_ASSERT_EQUAL(stb_klad_word(&klad, ecw, 8, cw), -EINVAL);
	CU_ASSERT_EQUAL(stb_klad_word(&klad, ecw, 0, cw), -EINVAL);
	CU_ASSERT_EQUAL(stb_klad_word(&klad, ecw, 16, cw), 0);
	stb_klad_unload(&klad);
	CU_ASSERT_EQUAL(stb_klad_word(&klad, ecw, 16, cw), -EACCES);
	stb_klad_close(&klad);
	CU_ASSERT_EQUAL(stb_klad_load(&klad, key, key), -EACCES);
	stb_klad_close(&klad);
	CU_ASSERT_EQUAL(stb_suite_of_name("ae", 2), -EINVAL);
	CU_ASSERT_EQUAL(stb_suite_of_name("aess", 4), -EINVAL);
	CU_ASSERT_EQUAL(stb_suite_of_name("", 0), -EINVAL);
}

// K3 stays for the next key; what lies under it goes.
static void unload_wipes_the_registers(void)
{
	static const uint8_t key[16] = {1, 2, 3}, zero[32];
	struct stb_klad klad;

	CU_ASSERT_EQUAL_FATAL(stb_klad_open(&klad, STB_SUITE_SM4, key), 0);
	CU_ASSERT_EQUAL(stb_klad_load(&klad, key, key), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(klad.registers.bytes + 16, zero, 32), 0);
	stb_klad_unload(&klad);
	CU_ASSERT_EQUAL(memcmp(klad.registers.bytes, key, 16), 0);
	CU_ASSERT_EQUAL(memcmp(klad.registers.bytes + 16, zero, 32), 0);
	stb_klad_close(&klad);
	CU_ASSERT_PTR_NULL(klad.registers.bytes);
}

static const struct unit_test tests[] = {
	{"published chains", published_chains},
	{"refuses", refuses},
	{"unload wipes the registers", unload_wipes_the_registers},
};

UNIT_MAIN("klad", tests)
