// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a control word in its slot, and the arena it lives in.
#include <errno.h>

#include "cipher_rig.h"
#include "keyslot/keyslot.h"

// A cipher whose key record is the control word itself, so that a record can be read.
static void copy_key(void *scratch, void *key, const uint8_t *cw)
{
	(void)scratch;
	memcpy(key, cw, 8);
}

static const struct dp_cipher_ops plain = {.name = "plain", .algorithm = DP_CSA2, .key_bytes = 8, .set_key = copy_key};

// And one whose record is longer.
static void widen_key(void *scratch, void *key, const uint8_t *cw)
{
	copy_key(scratch, key, cw);
	memset((uint8_t *)key + 8, 0x5A, 120);
}

static const struct dp_cipher_ops wide = {.name = "wide",
					  .algorithm = DP_SM4_CBC,
					  .key_bytes = 128,
					  .set_key = widen_key};

static struct dp_arena arena;
static struct dp_keyslot slot;

static void open_slot(void)
{
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&arena, dp_keyslot_arena_bytes(wide.key_bytes)), 0);
	CU_ASSERT_EQUAL_FATAL(dp_keyslot_init(&slot, wide.key_bytes, &arena), 0);
}

static int publish(uint8_t first, bool odd)
{
	const uint8_t cw[8] = {first, 2, 3, 4, 5, 6, 7, 8};

	return dp_keyslot_publish(&slot, &plain, NULL, cw, odd);
}

static uint8_t first_of(const struct dp_key *key)
{
	return key ? key->record[0] : 0;
}

static void life(void)
{
	open_slot();
	CU_ASSERT_PTR_NULL(dp_keyslot_current(&slot));
	CU_ASSERT_PTR_NULL(dp_keyslot_of(&slot, 0));
	CU_ASSERT_PTR_NULL(dp_keyslot_of(&slot, 1));

	CU_ASSERT_EQUAL(publish(0xA1, false), 0);
	CU_ASSERT_PTR_NULL(dp_keyslot_current(&slot)); // published is not promoted
	CU_ASSERT_PTR_NULL(dp_keyslot_of(&slot, 1));
	dp_keyslot_promote(&slot);
	CU_ASSERT_EQUAL(first_of(dp_keyslot_current(&slot)), 0xA1);
	CU_ASSERT_EQUAL(dp_keyslot_current(&slot)->tsc, TS_TSC_EVEN);
	CU_ASSERT_EQUAL(slot.current_generation, 1);
	CU_ASSERT_PTR_NULL(dp_keyslot_of(&slot, 0)); // nothing was before the first

	CU_ASSERT_EQUAL(publish(0xA2, true), 0);
	CU_ASSERT_EQUAL(first_of(dp_keyslot_current(&slot)), 0xA1);
	CU_ASSERT_PTR_NULL(dp_keyslot_of(&slot, 2)); // next is nobody's to use
	dp_keyslot_promote(&slot);
	CU_ASSERT_EQUAL(first_of(dp_keyslot_current(&slot)), 0xA2);
	CU_ASSERT_EQUAL(dp_keyslot_current(&slot)->tsc, TS_TSC_ODD);
	CU_ASSERT_EQUAL(first_of(dp_keyslot_of(&slot, 1)), 0xA1); // for duplicates
	CU_ASSERT_EQUAL(first_of(dp_keyslot_of(&slot, 2)), 0xA2);
	CU_ASSERT_PTR_NULL(dp_keyslot_of(&slot, 3));

	dp_keyslot_retire(&slot);
	CU_ASSERT_PTR_NULL(dp_keyslot_of(&slot, 1));
	CU_ASSERT_EQUAL(first_of(dp_keyslot_of(&slot, 2)), 0xA2);
	dp_arena_fini(&arena);
}

static void busy(void)
{
	open_slot();
	CU_ASSERT_EQUAL(publish(0xB1, false), 0);
	CU_ASSERT_EQUAL(publish(0xB2, true), -EBUSY);
	dp_keyslot_promote(&slot);
	CU_ASSERT_EQUAL(first_of(dp_keyslot_current(&slot)), 0xB1); // the refused one left no trace
	CU_ASSERT_EQUAL(publish(0xB2, true), 0);
	CU_ASSERT_EQUAL(publish(0xB3, true), -EBUSY);
	CU_ASSERT_EQUAL(publish(0xB3, false), -EBUSY);
	dp_keyslot_promote(&slot);
	CU_ASSERT_EQUAL(first_of(dp_keyslot_current(&slot)), 0xB2);
	dp_arena_fini(&arena);
}

// Publishing must not touch the previous key while duplicates may still name it, nor retiring the next.
static void three_at_once(void)
{
	open_slot();
	for (unsigned g = 1; g <= 20; g++) {
		CU_ASSERT_EQUAL(publish((uint8_t)(g + 1), g & 1), 0);
		if (g > 2)
			CU_ASSERT_EQUAL(first_of(dp_keyslot_of(&slot, g - 2)), g - 1);
		if (g % 3 == 0)
			dp_keyslot_retire(&slot);
		dp_keyslot_promote(&slot);
		CU_ASSERT_EQUAL(first_of(dp_keyslot_of(&slot, g)), g + 1);
		CU_ASSERT_EQUAL(dp_keyslot_current(&slot)->tsc, g & 1 ? TS_TSC_ODD : TS_TSC_EVEN);
		if (g > 1)
			CU_ASSERT_EQUAL(first_of(dp_keyslot_of(&slot, g - 1)), g);
		if (g > 2)
			CU_ASSERT_PTR_NULL(dp_keyslot_of(&slot, g - 2)); // promotion retires it
	}
	dp_arena_fini(&arena);
}

static void wiped(void)
{
	static const uint8_t zeros[sizeof(struct dp_key) + 8];

	open_slot();
	publish(0xC1, false);
	dp_keyslot_promote(&slot);
	publish(0xC2, true);
	dp_keyslot_promote(&slot);
	publish(0xC3, false);
	dp_keyslot_wipe(&slot);
	CU_ASSERT_PTR_NULL(dp_keyslot_current(&slot));
	CU_ASSERT_FALSE(slot.have_next);
	for (int i = 0; i < DP_KEYSLOT_KEYS; i++)
		CU_ASSERT_EQUAL(memcmp(slot.key[i], zeros, sizeof(zeros)), 0);
	CU_ASSERT_EQUAL(publish(0xC4, true), 0); // as after init
	dp_keyslot_promote(&slot);
	CU_ASSERT_EQUAL(first_of(dp_keyslot_current(&slot)), 0xC4);
	dp_arena_fini(&arena);
}

// Retiring wipes the record, not only its mark.
static void retired_is_zero(void)
{
	static const uint8_t zeros[sizeof(struct dp_key) + 8];
	const struct dp_key *first;

	open_slot();
	publish(0xD1, false);
	dp_keyslot_promote(&slot);
	first = dp_keyslot_current(&slot);
	publish(0xD2, true);
	dp_keyslot_promote(&slot);
	CU_ASSERT_NOT_EQUAL(memcmp(first, zeros, sizeof(zeros)), 0);
	dp_keyslot_retire(&slot);
	CU_ASSERT_EQUAL(memcmp(first, zeros, sizeof(zeros)), 0);
	dp_arena_fini(&arena);
}

// A record is used by one algorithm after the other, and nothing of the longer one is left over.
static void another_algorithm(void)
{
	static const uint8_t zeros[sizeof(struct dp_key) + 128], cw[16] = {0xE1};
	const struct dp_key *first;

	open_slot();
	CU_ASSERT_EQUAL(dp_keyslot_publish(&slot, &wide, NULL, cw, false), 0);
	dp_keyslot_promote(&slot);
	first = dp_keyslot_current(&slot);
	CU_ASSERT_EQUAL(first->algorithm, DP_SM4_CBC);
	publish(0xE2, true);
	CU_ASSERT_EQUAL(dp_keyslot_current(&slot)->algorithm, DP_SM4_CBC); // until the edge
	dp_keyslot_promote(&slot);
	CU_ASSERT_EQUAL(dp_keyslot_current(&slot)->algorithm, DP_CSA2);
	CU_ASSERT_EQUAL(dp_keyslot_of(&slot, 1)->algorithm, DP_SM4_CBC); // for duplicates
	dp_keyslot_retire(&slot);
	CU_ASSERT_EQUAL(memcmp(first, zeros, sizeof(zeros)), 0);
	publish(0xE3, false);
	dp_keyslot_promote(&slot);
	publish(0xE4, true);
	dp_keyslot_promote(&slot); // the generation of the longer record
	CU_ASSERT_PTR_EQUAL(dp_keyslot_current(&slot), first);
	CU_ASSERT_EQUAL(first->algorithm, DP_CSA2);
	CU_ASSERT_EQUAL(memcmp(first->record + 8, zeros, 120), 0);
	dp_arena_fini(&arena);
}

static void arena_takes(void)
{
	uint8_t *a, *c;

	CU_ASSERT_EQUAL(dp_arena_cost(1), 64);
	CU_ASSERT_EQUAL(dp_arena_cost(64), 64);
	CU_ASSERT_EQUAL(dp_arena_cost(65), 128);
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&arena, 1), 0);
	a = dp_arena_take(&arena, 1);
	c = dp_arena_take(&arena, 100);
	CU_ASSERT_EQUAL((uintptr_t)a % 64, 0);
	CU_ASSERT_PTR_EQUAL(c, a + 64);
	CU_ASSERT_TRUE(c[0] == 0 && c[99] == 0);
	CU_ASSERT_PTR_NULL(dp_arena_take(&arena, arena.size_bytes));
	CU_ASSERT_PTR_NOT_NULL(dp_arena_take(&arena, arena.size_bytes - arena.used_bytes));
	CU_ASSERT_PTR_NULL(dp_arena_take(&arena, 1));
	dp_arena_fini(&arena);
	CU_ASSERT_PTR_NULL(arena.bytes);
	dp_arena_fini(&arena); // all zero: left alone
}

static void arena_out_of_room(void)
{
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&arena, 1), 0);
	while (dp_arena_take(&arena, 64))
		;
	CU_ASSERT_EQUAL(dp_keyslot_init(&slot, plain.key_bytes, &arena), -ENOMEM);
	dp_keyslot_wipe(&slot); // of a slot that got no record
	CU_ASSERT_PTR_NULL(dp_keyslot_current(&slot));
	dp_arena_fini(&arena);
	CU_ASSERT_EQUAL(dp_arena_init(&arena, SIZE_MAX / 2), -ENOMEM);
	CU_ASSERT_EQUAL(dp_arena_init(&arena, SIZE_MAX), -ENOMEM);
	CU_ASSERT_EQUAL(dp_arena_init(&arena, SIZE_MAX - 4095), -ENOMEM);
}

static const struct unit_test tests[] = {
	{"life", life},
	{"busy", busy},
	{"three at once", three_at_once},
	{"wiped", wiped},
	{"retired is zero", retired_is_zero},
	{"another algorithm", another_algorithm},
	{"arena takes", arena_takes},
	{"arena out of room", arena_out_of_room},
};

UNIT_MAIN("keyslot", tests)
