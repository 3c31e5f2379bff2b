// SPDX-License-Identifier: GPL-3.0-or-later
// Reading one ECM section: its fields, its bounds, its MAC.
#include <stb_ecm.h>

#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <desk.h>
#include <unit.h>

static const uint8_t even[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, odd[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
static const uint8_t every_condition[] = {1, 8, 0, 0, 0, 1, 0, 0,  0, 2, 2, 0, 3, 1, 18, 4, 3,   0,   7,  1,
					  5, 6, 0, 0, 0, 9, 0, 50, 6, 1, 1, 7, 1, 2, 99, 3, 'a', 'b', 'c'};

static struct desk desk;
static uint8_t section[512];

static size_t compose(enum stb_suite suite, size_t cw_bytes, const uint8_t *conditions, size_t n)
{
	desk_init(&desk, suite);
	return desk_ecm(&desk,
			&(struct desk_ecm){.service_key_id = 1,
					   .cp_number = 0x1235,
					   .time_s = 0x65432100,
					   .even = even,
					   .odd = odd,
					   .cw_bytes = cw_bytes,
					   .conditions = conditions,
					   .conditions_bytes = n},
			section);
}

// From memory of exactly its size, so that reading past it is seen.
static enum stb_ecm_verdict parse(struct stb_ecm *ecm, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	enum stb_ecm_verdict verdict;

	memcpy(copy, section, n);
	verdict = stb_ecm_parse(ecm, copy, n);
	free(copy);
	return verdict;
}

static void fields(void)
{
	size_t n = compose(STB_SUITE_AES, 8, every_condition, sizeof(every_condition));
	struct stb_ecm ecm;

	CU_ASSERT_EQUAL(n, 16 + sizeof(every_condition) + 32 + 8);
	CU_ASSERT_EQUAL_FATAL(stb_ecm_parse(&ecm, section, n), STB_ECM_OPENED);
	CU_ASSERT_EQUAL(ecm.table_id, 0x81);
	CU_ASSERT_EQUAL(ecm.suite, STB_SUITE_AES);
	CU_ASSERT_EQUAL(ecm.ca_subsystem_id, DESK_SUBSYSTEM);
	CU_ASSERT_EQUAL(ecm.service_key_id, 1);
	CU_ASSERT_EQUAL(ecm.cp_number, 0x1235);
	CU_ASSERT_EQUAL(ecm.time_s, 0x65432100);
	CU_ASSERT_EQUAL(ecm.conditions_bytes, sizeof(every_condition));
	CU_ASSERT_EQUAL(memcmp(ecm.conditions, every_condition, sizeof(every_condition)), 0);
	CU_ASSERT_EQUAL(ecm.ecw_bytes, 16);
	CU_ASSERT_PTR_EQUAL(ecm.even, section + 16 + sizeof(every_condition));
	CU_ASSERT_PTR_EQUAL(ecm.odd, ecm.even + 16);
	CU_ASSERT_EQUAL(ecm.signed_bytes, n - 8);
}

// How long an ECW is follows from the section.
static void word_lengths(void)
{
	static const struct {
		enum stb_suite suite;
		size_t cw, ecw;
	} of[] = {{STB_SUITE_TDES, 8, 8},  {STB_SUITE_TDES, 16, 16}, {STB_SUITE_AES, 8, 16},
		  {STB_SUITE_AES, 16, 16}, {STB_SUITE_SM4, 8, 16},   {STB_SUITE_SM4, 16, 16}};
	struct stb_ecm ecm;

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		size_t n = compose(of[i].suite, of[i].cw, NULL, 0);

		CU_ASSERT_EQUAL(stb_ecm_parse(&ecm, section, n), STB_ECM_OPENED);
		CU_ASSERT_EQUAL(ecm.ecw_bytes, of[i].ecw);
		CU_ASSERT_EQUAL(stb_ecm_check_mac(&ecm, desk.auth[0]), STB_ECM_OPENED);
	}
	// Eight bytes are a block of TDES alone.
	size_t n = compose(STB_SUITE_TDES, 8, NULL, 0);

	section[4] = STB_SUITE_AES;
	CU_ASSERT_EQUAL(parse(&ecm, n), STB_ECM_BAD_LENGTH);
}

static void words_of_zeros(void)
{
	struct stb_ecm ecm;
	size_t n;

	desk_init(&desk, STB_SUITE_TDES);
	n = desk_ecm(&desk, &(struct desk_ecm){.cp_number = 2, .service_key_id = 1, .even = even, .cw_bytes = 8},
		     section);
	CU_ASSERT_EQUAL(stb_ecm_parse(&ecm, section, n), STB_ECM_OPENED);
	CU_ASSERT_PTR_NOT_NULL(ecm.even);
	CU_ASSERT_PTR_NULL(ecm.odd);
}

static void cut_at_every_byte(void)
{
	size_t n = compose(STB_SUITE_SM4, 16, every_condition, sizeof(every_condition));
	struct stb_ecm ecm;

	for (size_t i = 0; i < n; i++) {
		CU_ASSERT_EQUAL(parse(&ecm, i), STB_ECM_BAD_LENGTH);
		// Also when the length says so.
		if (i < 3)
			continue;
		base_bytes_put16(section + 1, 0x7000 | (unsigned)(i - 3));
		CU_ASSERT_EQUAL(parse(&ecm, i), STB_ECM_BAD_LENGTH);
		base_bytes_put16(section + 1, 0x7000 | (unsigned)(n - 3));
	}
	CU_ASSERT_EQUAL(parse(&ecm, n), STB_ECM_OPENED);
}

static void refusals(void)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum stb_ecm_verdict verdict;
	} spoil[] = {
		{0, 0x82, STB_ECM_BAD_LENGTH},    {0, 0x80, STB_ECM_BAD_TABLE_ID}, {1, 0xF0, STB_ECM_BAD_LENGTH},
		{1, 0x71, STB_ECM_BAD_LENGTH},    {2, 0x00, STB_ECM_BAD_LENGTH},   {3, 0, STB_ECM_UNKNOWN_VERSION},
		{3, 2, STB_ECM_UNKNOWN_VERSION},  {4, 0, STB_ECM_WRONG_SUITE},     {4, 4, STB_ECM_WRONG_SUITE},
		{10, 0x34, STB_ECM_BAD_TABLE_ID}, {15, 0, STB_ECM_BAD_LENGTH},     {15, 255, STB_ECM_BAD_LENGTH},
		{15, 40, STB_ECM_BAD_LENGTH},
	};
	struct stb_ecm ecm;

	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		size_t n = compose(STB_SUITE_AES, 16, every_condition, sizeof(every_condition));

		section[spoil[i].at] = spoil[i].value;
		CU_ASSERT_EQUAL(parse(&ecm, n), spoil[i].verdict);
	}
	// 257 bytes and well formed: too long all the same.
	static const uint8_t long_ones[257 - 16 - 32 - 8] = {99, 257 - 16 - 32 - 8 - 2};

	CU_ASSERT_EQUAL(compose(STB_SUITE_AES, 16, long_ones, sizeof(long_ones)), 257);
	CU_ASSERT_EQUAL(parse(&ecm, 257), STB_ECM_BAD_LENGTH);
}

static void conditions(void)
{
	static const struct {
		uint8_t bytes[8];
		size_t n;
		enum stb_ecm_verdict verdict;
	} of[] = {
		{{2, 0}, 2, STB_ECM_OPENED},
		{{0, 1, 9}, 3, STB_ECM_OPENED},
		{{200, 0}, 2, STB_ECM_OPENED},
		{{2}, 1, STB_ECM_BAD_CONDITIONS},
		{{2, 0, 3}, 3, STB_ECM_BAD_CONDITIONS},
		{{2, 1, 0}, 3, STB_ECM_BAD_CONDITIONS},
		{{3, 0}, 2, STB_ECM_BAD_CONDITIONS},
		{{3, 1}, 2, STB_ECM_BAD_CONDITIONS},
		{{1, 0}, 2, STB_ECM_BAD_CONDITIONS},
		{{1, 3, 0, 0, 0}, 5, STB_ECM_BAD_CONDITIONS},
		{{4, 2, 0, 0}, 4, STB_ECM_BAD_CONDITIONS},
		{{5, 5, 0, 0, 0, 0, 0}, 7, STB_ECM_BAD_CONDITIONS},
		{{6, 2, 0, 0}, 4, STB_ECM_BAD_CONDITIONS},
		{{7, 0}, 2, STB_ECM_BAD_CONDITIONS},
		{{99, 200, 1}, 3, STB_ECM_BAD_CONDITIONS},
	};
	struct stb_ecm ecm;

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		CU_ASSERT_EQUAL(parse(&ecm, compose(STB_SUITE_SM4, 8, of[i].bytes, of[i].n)), of[i].verdict);
}

// Every bit is under the MAC, and every bit of the MAC counts.
static void every_bit_is_authenticated(void)
{
	static const enum stb_suite suites[] = {STB_SUITE_TDES, STB_SUITE_AES, STB_SUITE_SM4};
	struct stb_ecm ecm;

	for (size_t s = 0; s < 3; s++) {
		size_t n = compose(suites[s], 8, every_condition, 10), changed = 0;

		CU_ASSERT_EQUAL_FATAL(stb_ecm_parse(&ecm, section, n), STB_ECM_OPENED);
		for (size_t bit = 0; bit < n * 8; bit++) {
			section[bit / 8] ^= (uint8_t)(1 << bit % 8);
			changed += stb_ecm_check_mac(&ecm, desk.auth[0]) == STB_ECM_BAD_MAC;
			section[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CU_ASSERT_EQUAL(changed, n * 8);
		CU_ASSERT_EQUAL(stb_ecm_check_mac(&ecm, desk.auth[0]), STB_ECM_OPENED);
		CU_ASSERT_EQUAL(stb_ecm_check_mac(&ecm, desk.auth[1]), STB_ECM_BAD_MAC);
	}
}

// The test's own CMAC is right: RFC 4493 clause 4, and NIST's example of two-key TDES.
static void known_cmacs(void)
{
	static const uint8_t message[] = {0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d,
					  0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a, 0xae, 0x2d, 0x8a, 0x57,
					  0x1e, 0x03, 0xac, 0x9c, 0x9e, 0xb7, 0x6f, 0xac, 0x45, 0xaf,
					  0x8e, 0x51, 0x30, 0xc8, 0x1c, 0x46, 0xa3, 0x5c, 0xe4, 0x11};
	static const uint8_t aes[] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
				      0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
	static const uint8_t tdes[] = {0x4c, 0xf1, 0x51, 0x34, 0xa2, 0x85, 0x0d, 0xd5,
				       0x8a, 0x3d, 0x10, 0xba, 0x80, 0x57, 0x0d, 0x38};
	static const uint8_t of_aes_16[] = {0x07, 0x0a, 0x16, 0xb4, 0x6b, 0x4d, 0x41, 0x44},
			     of_aes_40[] = {0xdf, 0xa6, 0x67, 0x47, 0xde, 0x9a, 0xe6, 0x30},
			     of_tdes_8[] = {0x4f, 0xf2, 0xab, 0x81, 0x3c, 0x53, 0xce, 0x83},
			     of_tdes_20[] = {0x62, 0xdd, 0x1b, 0x47, 0x19, 0x02, 0xbd, 0x4e};
	uint8_t tag[16];

	CU_ASSERT_EQUAL(desk_cmac(STB_SUITE_AES, aes, message, 16, tag), 16);
	CU_ASSERT_EQUAL(memcmp(tag, of_aes_16, 8), 0);
	desk_cmac(STB_SUITE_AES, aes, message, 40, tag);
	CU_ASSERT_EQUAL(memcmp(tag, of_aes_40, 8), 0);
	CU_ASSERT_EQUAL(desk_cmac(STB_SUITE_TDES, tdes, message, 8, tag), 8);
	CU_ASSERT_EQUAL(memcmp(tag, of_tdes_8, 8), 0);
	desk_cmac(STB_SUITE_TDES, tdes, message, 20, tag);
	CU_ASSERT_EQUAL(memcmp(tag, of_tdes_20, 8), 0);
}

static const struct unit_test tests[] = {
	{"fields", fields},
	{"word lengths", word_lengths},
	{"words of zeros", words_of_zeros},
	{"cut at every byte", cut_at_every_byte},
	{"refusals", refusals},
	{"conditions", conditions},
	{"every bit is authenticated", every_bit_is_authenticated},
	{"known CMACs", known_cmacs},
};

UNIT_MAIN("ecm", tests)
