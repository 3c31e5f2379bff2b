// SPDX-License-Identifier: GPL-3.0-or-later
// The arithmetic of pacing: cost, rate, burst, debt, changes.
#include <unit.h>

#include "emmg/pace.h"

#define START_US 1000000000ull

static void test_cost(void)
{
	CU_ASSERT_EQUAL(cas_pace_section_bits(4), 1504);
	CU_ASSERT_EQUAL(cas_pace_section_bits(183), 1504);
	CU_ASSERT_EQUAL(cas_pace_section_bits(184), 2 * 1504);
	CU_ASSERT_EQUAL(cas_pace_section_bits(367), 2 * 1504);
	CU_ASSERT_EQUAL(cas_pace_section_bits(368), 3 * 1504);
	CU_ASSERT_EQUAL(cas_pace_section_bits(4096), 23 * 1504);
}

// Bits sent within `us`, by one who sends as soon as it may and looks every `look_us`.
static uint64_t sent_within(struct cas_pace *pace, uint64_t us, uint64_t look_us, uint32_t bits)
{
	uint64_t sent = 0;

	for (uint64_t t = 0; t < us; t += look_us)
		while (cas_pace_ready(pace, START_US + t)) {
			cas_pace_take(pace, bits);
			sent += bits;
		}
	return sent;
}

static void test_rate(void)
{
	static const uint32_t rates[] = {1, 7, 100, 500, 65535};

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		for (uint32_t bits = 1504; bits <= 23 * 1504; bits += 11 * 1504) {
			struct cas_pace pace = {0};

			cas_pace_set(&pace, rates[i], START_US);
			uint64_t sent = sent_within(&pace, 100000000, 1000, bits);
			uint64_t due = (uint64_t)rates[i] * 1000 * 100;

			CU_ASSERT_TRUE(sent <= due + rates[i] * CAS_PACE_BURST_MS + bits);
			CU_ASSERT_TRUE(sent + rates[i] + bits >= due);
		}
}

static void test_burst(void)
{
	struct cas_pace pace = {0};

	cas_pace_set(&pace, 1000, START_US);
	CU_ASSERT_TRUE(cas_pace_ready(&pace, START_US + 3600000000ull)); // an hour of silence saves 50 ms
	uint64_t sent = 0;

	while (cas_pace_ready(&pace, START_US + 3600000000ull)) {
		cas_pace_take(&pace, 1504);
		sent += 1504;
	}
	CU_ASSERT_TRUE(sent >= 50000 && sent < 50000 + 1504);
	// The debt is paid to the microsecond.
	uint64_t wait = cas_pace_wait_us(&pace), now = START_US + 3600000000ull;

	CU_ASSERT_TRUE(wait > 0 && wait <= 1504);
	CU_ASSERT_FALSE(cas_pace_ready(&pace, now + wait - 1));
	CU_ASSERT_TRUE(cas_pace_ready(&pace, now + wait));
	CU_ASSERT_EQUAL(cas_pace_wait_us(&pace), 0);
}

static void test_changes(void)
{
	struct cas_pace pace = {0};

	CU_ASSERT_FALSE(cas_pace_ready(&pace, START_US));
	CU_ASSERT_EQUAL(cas_pace_wait_us(&pace), UINT64_MAX);
	cas_pace_set(&pace, 65535, START_US);
	CU_ASSERT_TRUE(cas_pace_ready(&pace, START_US + 1000000));
	// Less bandwidth: what was saved at the old rate is cut to the new burst.
	cas_pace_set(&pace, 10, START_US + 1000000);
	CU_ASSERT_TRUE(cas_pace_ready(&pace, START_US + 1000000));
	cas_pace_take(&pace, 1504);
	CU_ASSERT_FALSE(cas_pace_ready(&pace, START_US + 1000000));
	CU_ASSERT_EQUAL(cas_pace_wait_us(&pace), (1504 - 500) * 100 + 1);
	// None at all, for years.
	cas_pace_set(&pace, 0, START_US + 2000000);
	CU_ASSERT_FALSE(cas_pace_ready(&pace, START_US + 100000000000000ull));
	cas_pace_set(&pace, 65535, START_US + 100000000000000ull);
	CU_ASSERT_FALSE(cas_pace_ready(&pace, START_US + 100000000000000ull));
	CU_ASSERT_TRUE(cas_pace_ready(&pace, START_US + 100000000001000ull));
}

static const struct unit_test tests[] = {{"cost", test_cost},
					 {"rate", test_rate},
					 {"burst", test_burst},
					 {"changes", test_changes}};

UNIT_MAIN("cas-pace", tests)
