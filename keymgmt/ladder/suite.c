// SPDX-License-Identifier: GPL-3.0-or-later
#include "ladder/suite.h"

#include <string.h>

#include <base_check.h>

enum { DES_KEY_BYTES = 8, DES_PARITY = 1 };

static const struct {
	const char *word;
	unsigned block_bytes;
} suites[] = {
	[KM_SUITE_TDES] = {"tdes", 8},
	[KM_SUITE_AES] = {"aes", 16},
	[KM_SUITE_SM4] = {"sm4", 16},
};

// The 4 weak and 12 semi-weak keys of DES (SP 800-67 clause 3.3.2), parity bits cleared. Each is two patterns of a
// byte alternating in one of four ways; all of them are listed.
static const uint8_t weak[][DES_KEY_BYTES] = {
	{0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}, {0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE},
	{0xE0, 0xE0, 0xE0, 0xE0, 0xF0, 0xF0, 0xF0, 0xF0}, {0x1E, 0x1E, 0x1E, 0x1E, 0x0E, 0x0E, 0x0E, 0x0E},
	{0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE}, {0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00},
	{0x1E, 0xE0, 0x1E, 0xE0, 0x0E, 0xF0, 0x0E, 0xF0}, {0xE0, 0x1E, 0xE0, 0x1E, 0xF0, 0x0E, 0xF0, 0x0E},
	{0x00, 0xE0, 0x00, 0xE0, 0x00, 0xF0, 0x00, 0xF0}, {0xE0, 0x00, 0xE0, 0x00, 0xF0, 0x00, 0xF0, 0x00},
	{0x1E, 0xFE, 0x1E, 0xFE, 0x0E, 0xFE, 0x0E, 0xFE}, {0xFE, 0x1E, 0xFE, 0x1E, 0xFE, 0x0E, 0xFE, 0x0E},
	{0x00, 0x1E, 0x00, 0x1E, 0x00, 0x0E, 0x00, 0x0E}, {0x1E, 0x00, 0x1E, 0x00, 0x0E, 0x00, 0x0E, 0x00},
	{0xE0, 0xFE, 0xE0, 0xFE, 0xF0, 0xFE, 0xF0, 0xFE}, {0xFE, 0xE0, 0xFE, 0xE0, 0xFE, 0xF0, 0xFE, 0xF0},
};

enum km_suite km_suite_find(const char *word, size_t n)
{
	for (unsigned s = KM_SUITE_TDES; s <= KM_SUITE_SM4; s++)
		if (strlen(suites[s].word) == n && memcmp(suites[s].word, word, n) == 0)
			return (enum km_suite)s;
	return KM_SUITE_NONE;
}

const char *km_suite_word(enum km_suite suite)
{
	CHECK(suite >= KM_SUITE_TDES && suite <= KM_SUITE_SM4);
	return suites[suite].word;
}

unsigned km_suite_block_bytes(enum km_suite suite)
{
	CHECK(suite >= KM_SUITE_TDES && suite <= KM_SUITE_SM4);
	return suites[suite].block_bytes;
}

unsigned km_suite_ecw_bytes(enum km_suite suite, unsigned cw_bytes)
{
	unsigned block = km_suite_block_bytes(suite);

	return (cw_bytes + block - 1) / block * block;
}

// Compares without a copy of the key and without a way out that depends on where it differs.
static unsigned same_des_key(const uint8_t *a, const uint8_t *b)
{
	unsigned difference = 0;

	for (unsigned i = 0; i < DES_KEY_BYTES; i++)
		difference |= (a[i] ^ b[i]) & ~(unsigned)DES_PARITY;
	return difference == 0;
}

bool km_suite_key_ok(enum km_suite suite, const uint8_t *key)
{
	unsigned bad = 0;

	if (suite != KM_SUITE_TDES)
		return true;
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		bad |= same_des_key(key, weak[i]) | same_des_key(key + DES_KEY_BYTES, weak[i]);
	return !(bad | same_des_key(key, key + DES_KEY_BYTES));
}
