// SPDX-License-Identifier: GPL-3.0-or-later
// What is true of the algorithms whatever the implementation.
#include <unit.h>

#include "cipher/algorithm.h"

static void covers(void)
{
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CSA2, 7), 0);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CSA2, 8), 8);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CSA2, 13), 13);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CISSA, 15), 0);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CISSA, 16), 16);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CISSA, 184), 176);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_IDSA, 0), 0);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_IDSA, 1), 1);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_IDSA, 184), 184);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_SM4_CBC, 183), 176);
}

static void modes(void)
{
	CU_ASSERT_EQUAL(dp_algorithm[DP_CSA1].scrambling_mode, 0x01);
	CU_ASSERT_EQUAL(dp_algorithm[DP_CSA2].scrambling_mode, 0x02);
	CU_ASSERT_EQUAL(dp_algorithm[DP_CISSA].scrambling_mode, 0x10);
	CU_ASSERT_EQUAL(dp_algorithm[DP_IDSA].scrambling_mode, 0x70);
	CU_ASSERT_EQUAL(dp_algorithm[DP_SM4_CBC].scrambling_mode, 0x82);
	CU_ASSERT_EQUAL(dp_algorithm[DP_AES_CBC].scrambling_mode, 0xF0);
	CU_ASSERT_EQUAL(dp_algorithm[DP_AES_ECB].scrambling_mode, 0xF2);
}

static const struct unit_test tests[] = {
	{"covers", covers},
	{"modes", modes},
};

UNIT_MAIN("algorithm", tests)
