// SPDX-License-Identifier: GPL-3.0-or-later
// After a control word is retired, wiped or closed, it is found nowhere in this process: not in the arena, not in a
// library's own key objects, not on a stack.
#include <base_secret.h>
#include <memory_search.h>

#include "cipher_rig.h"
#include "keyslot/keyslot.h"

static struct cipher_rig rig;
static struct dp_keyslot slot;

static void open_all(enum dp_algorithm algorithm)
{
	const struct dp_cipher_ops *ops = dp_cipher_select(algorithm);

	rig.ops = ops;
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&rig.arena,
					    dp_arena_cost(ops->scratch_bytes) + dp_keyslot_arena_bytes(ops)),
			      0);
	rig.scratch = dp_arena_take(&rig.arena, ops->scratch_bytes);
	CU_ASSERT_EQUAL_FATAL(ops->init(rig.scratch), 0);
	CU_ASSERT_EQUAL_FATAL(dp_keyslot_init(&slot, ops, rig.scratch, &rig.arena), 0);
}

// In a function of its own, below whose frame later calls go: the caller's copy of the word is not the slot's.
static __attribute__((noinline)) void publish(unsigned number, bool odd)
{
	uint8_t cw[DP_CW_MAX_BYTES];

	memory_key_make(cw, number, dp_algorithm[rig.ops->algorithm].cw_bytes);
	CU_ASSERT_EQUAL(dp_keyslot_publish(&slot, cw, odd), 0);
	base_secret_scrub(cw, sizeof(cw));
}

// `n` packets with the current key: one, few (a packet at a time) and many (a batch).
static __attribute__((noinline)) void scramble(unsigned n)
{
	static uint8_t src[DP_CIPHER_LANES_MAX][192], dst[DP_CIPHER_LANES_MAX][192];
	static struct dp_lane lane[DP_CIPHER_LANES_MAX];

	for (unsigned i = 0; i < n; i++)
		lane[i] = (struct dp_lane){.src = src[i],
					   .dst = dst[i],
					   .key = dp_keyslot_current(&slot)->record,
					   .n = TS_PAYLOAD_MAX_BYTES};
	dp_cipher_scramble(rig.ops, rig.scratch, lane, n);
	CU_ASSERT_TRUE(n == 0 || lane[n - 1].done);
}

static void use(void)
{
	scramble(1);
	scramble(5);
	scramble(64);
	scramble(DP_CIPHER_LANES_MAX);
}

static size_t count(unsigned number)
{
	return memory_count(number, dp_algorithm[rig.ops->algorithm].cw_bytes);
}

static void retired(enum dp_algorithm algorithm)
{
	open_all(algorithm);
	publish(1, false);
	dp_keyslot_promote(&slot);
	use();
	CU_ASSERT_TRUE(count(1) >= 1);
	publish(2, true);
	dp_keyslot_promote(&slot);
	use();
	CU_ASSERT_TRUE(count(1) >= 1); // previous
	dp_keyslot_retire(&slot);
	CU_ASSERT_EQUAL(count(1), 0);
	CU_ASSERT_TRUE(count(2) >= 1);
	dp_keyslot_wipe(&slot);
	rig.ops->fini(rig.scratch);
	dp_arena_fini(&rig.arena);
}

static void wiped(enum dp_algorithm algorithm)
{
	open_all(algorithm);
	publish(3, false);
	dp_keyslot_promote(&slot);
	use();
	publish(4, true);
	CU_ASSERT_TRUE(count(3) >= 1 && count(4) >= 1);
	dp_keyslot_wipe(&slot);
	CU_ASSERT_EQUAL(count(3), 0);
	CU_ASSERT_EQUAL(count(4), 0);
	rig.ops->fini(rig.scratch);
	dp_arena_fini(&rig.arena);
}

static void closed(enum dp_algorithm algorithm)
{
	open_all(algorithm);
	publish(5, false);
	dp_keyslot_promote(&slot);
	use();
	publish(6, true);
	CU_ASSERT_TRUE(count(5) >= 1 && count(6) >= 1);
	rig.ops->fini(rig.scratch);
	dp_arena_fini(&rig.arena);
	CU_ASSERT_EQUAL(count(5), 0);
	CU_ASSERT_EQUAL(count(6), 0);
}

static void retired_csa2(void)
{
	retired(DP_CSA2);
}

static void wiped_csa2(void)
{
	wiped(DP_CSA2);
}

static void closed_csa2(void)
{
	closed(DP_CSA2);
}

static void retired_cissa(void)
{
	retired(DP_CISSA);
}

static void wiped_cissa(void)
{
	wiped(DP_CISSA);
}

static void closed_cissa(void)
{
	closed(DP_CISSA);
}

static const struct unit_test tests[] = {
	{"retired, CSA", retired_csa2},    {"wiped, CSA", wiped_csa2},    {"closed, CSA", closed_csa2},
	{"retired, CISSA", retired_cissa}, {"wiped, CISSA", wiped_cissa}, {"closed, CISSA", closed_cissa},
};

UNIT_MAIN("control words in memory", tests)
