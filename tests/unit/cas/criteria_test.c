// SPDX-License-Identifier: GPL-3.0-or-later
// Access criteria: every condition with every length, and every cut.
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <unit.h>

#include "ecmg/criteria.h"

static void test_good(void)
{
	static const uint8_t all[] = {0x12, 0x34, 1, 8, 0, 0, 0, 42, 0, 0, 0, 43, 2, 0, 3, 1, 18, 4,
				      3,    0,    1, 2, 5, 6, 0, 0,  0, 1, 0, 9,  6, 1, 3, 7, 1,  0};
	struct cas_criteria criteria = {0};

	CU_ASSERT_EQUAL(cas_criteria_parse(&criteria, all, sizeof(all)), 0);
	CU_ASSERT_EQUAL(criteria.service_key_id, 0x1234);
	CU_ASSERT_EQUAL(criteria.tlv_n, sizeof(all) - 2);
	CU_ASSERT_EQUAL(memcmp(criteria.tlv, all + 2, sizeof(all) - 2), 0);
	CU_ASSERT_EQUAL(cas_criteria_parse(&criteria, all, 2), 0);
	CU_ASSERT_EQUAL(criteria.tlv_n, 0);
	// Good after a whole condition, bad in one; what is refused changes nothing.
	for (size_t n = 0; n < sizeof(all); n++) {
		bool whole = n == 2 || n == 12 || n == 14 || n == 17 || n == 22 || n == 30 || n == 33;
		struct cas_criteria before = criteria;

		CU_ASSERT_EQUAL(cas_criteria_parse(&criteria, all, n), whole ? 0 : -EINVAL);
		CU_ASSERT_TRUE(whole || memcmp(&before, &criteria, sizeof(before)) == 0);
	}
}

static void test_lengths(void)
{
	static const int bytes[] = {-1, -4, 0, 1, 3, 6, 1, 1, -1}; // by type; -4: multiples of it, -1: unknown
	struct cas_criteria criteria;

	for (unsigned type = 0; type < 256; type++)
		for (unsigned n = 0; n < 63; n++) {
			uint8_t in[2 + 2 + 62] = {0, 1, (uint8_t)type, (uint8_t)n};
			int rule = type < 9 ? bytes[type] : -1;
			bool good = rule == -4 ? n > 0 && n % 4 == 0 : rule == (int)n;

			CU_ASSERT_EQUAL(cas_criteria_parse(&criteria, in, 4 + n), good ? 0 : -EINVAL);
		}
}

static void test_too_long(void)
{
	uint8_t in[2 + KM_MSG_TLV_BYTES + 2] = {0, 1};
	struct cas_criteria criteria;

	for (size_t i = 2; i < sizeof(in); i += 2)
		in[i] = 2; // free preview
	CU_ASSERT_EQUAL(cas_criteria_parse(&criteria, in, 2 + KM_MSG_TLV_BYTES), 0);
	CU_ASSERT_EQUAL(cas_criteria_parse(&criteria, in, sizeof(in)), -EINVAL);
}

static const struct unit_test tests[] = {{"good", test_good}, {"lengths", test_lengths}, {"too long", test_too_long}};

UNIT_MAIN("cas-criteria", tests)
