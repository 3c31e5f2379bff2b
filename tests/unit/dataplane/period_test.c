// SPDX-License-Identifier: GPL-3.0-or-later
// Crypto-periods on media time: accepted whole or not at all, flipped exactly when due, extended, held.
#include <errno.h>
#include <string.h>

#include <ts_packet.h>
#include <unit.h>

#include "period/period.h"

enum { SECOND = 27000000 };

static void copy_key(void *scratch, void *key, const uint8_t *cw)
{
	(void)scratch;
	memcpy(key, cw, 8);
}

static const struct dp_cipher_ops plain = {.name = "plain", .algorithm = DP_CSA2, .key_bytes = 8, .set_key = copy_key};

static struct dp_arena arena;
static struct dp_period period;

static void open_period(void)
{
	memset(&period, 0, sizeof(period));
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&arena, dp_keyslot_arena_bytes(plain.key_bytes)), 0);
	CU_ASSERT_EQUAL_FATAL(dp_keyslot_init(&period.slot, plain.key_bytes, &arena), 0);
}

static struct dp_period_msg message(uint16_t cp_number, unsigned seconds)
{
	return (struct dp_period_msg){.cp_number = cp_number,
				      .cw_bytes = 8,
				      .cw = {(uint8_t)(cp_number + 1)},
				      .duration_27mhz = (uint64_t)seconds * SECOND};
}

static int accept_cp(uint16_t cp_number, unsigned seconds)
{
	const struct dp_period_msg msg = message(cp_number, seconds);

	return dp_period_accept(&period, &msg, &plain, NULL);
}

static uint8_t on_air(void)
{
	const struct dp_key *key = dp_keyslot_current(&period.slot);

	return key ? key->record[0] : 0;
}

// True, and flipped, when the edge is reached at this time.
static bool at(uint64_t now_27mhz)
{
	period.media.now_27mhz = now_27mhz;
	if (!dp_period_due(&period))
		return false;
	dp_period_flip(&period);
	return true;
}

static void first_starts_at_once(void)
{
	open_period();
	CU_ASSERT_FALSE(dp_period_ready(&period));
	CU_ASSERT_FALSE(at(5 * SECOND)); // nothing runs
	CU_ASSERT_EQUAL(accept_cp(7, 2), 0);
	CU_ASSERT_TRUE(period.running);
	CU_ASSERT_EQUAL(on_air(), 8);
	CU_ASSERT_EQUAL(dp_keyslot_current(&period.slot)->tsc, TS_TSC_ODD); // 7 is odd
	CU_ASSERT_EQUAL(period.cp_number, 7);
	CU_ASSERT_EQUAL(period.started_27mhz, 5 * SECOND);
	CU_ASSERT_EQUAL(period.stats.periods, 1);
	CU_ASSERT_FALSE(dp_period_ready(&period)); // the next is not whole
	CU_ASSERT_EQUAL(accept_cp(8, 2), 0);
	CU_ASSERT_TRUE(dp_period_ready(&period));
	CU_ASSERT_EQUAL(on_air(), 8); // the next waits for its edge
	dp_arena_fini(&arena);
}

static void flips_when_due(void)
{
	open_period();
	accept_cp(0, 2);
	accept_cp(1, 3);
	CU_ASSERT_FALSE(at(0));
	CU_ASSERT_FALSE(at(2 * SECOND - 1));
	CU_ASSERT_TRUE(at(2 * SECOND));
	CU_ASSERT_EQUAL(on_air(), 2);
	CU_ASSERT_EQUAL(dp_keyslot_current(&period.slot)->tsc, TS_TSC_ODD);
	CU_ASSERT_EQUAL(accept_cp(2, 2), 0);
	CU_ASSERT_FALSE(at(5 * SECOND - 1)); // by its own duration
	CU_ASSERT_TRUE(at(5 * SECOND));
	CU_ASSERT_EQUAL(on_air(), 3);
	CU_ASSERT_EQUAL(period.stats.extended, 0);
	CU_ASSERT_EQUAL(period.stats.periods, 3);
	dp_arena_fini(&arena);
}

// PCRs are up to 100 ms apart, so an edge is met a little late; the raster does not drift with it.
static void keeps_the_raster(void)
{
	open_period();
	accept_cp(0, 2);
	for (uint16_t cp = 1; cp <= 50; cp++) {
		CU_ASSERT_EQUAL(accept_cp(cp, 2), 0);
		CU_ASSERT_FALSE(at((uint64_t)cp * 2 * SECOND - 1));
		CU_ASSERT_TRUE(at((uint64_t)cp * 2 * SECOND + SECOND / 10));
		CU_ASSERT_EQUAL(period.started_27mhz, (uint64_t)cp * 2 * SECOND);
	}
	dp_arena_fini(&arena);
}

static void a_late_one_starts_a_new_raster(void)
{
	open_period();
	accept_cp(0, 2);
	accept_cp(1, 2);
	CU_ASSERT_TRUE(at(4 * SECOND + 5)); // a whole period late
	CU_ASSERT_EQUAL(period.started_27mhz, 4 * SECOND + 5);
	accept_cp(2, 2);
	CU_ASSERT_FALSE(at(6 * SECOND + 4));
	CU_ASSERT_TRUE(at(6 * SECOND + 5));
	dp_arena_fini(&arena);
}

static void extended_once(void)
{
	open_period();
	accept_cp(0, 2);
	CU_ASSERT_FALSE(at(2 * SECOND));
	CU_ASSERT_FALSE(at(2 * SECOND + 1));
	CU_ASSERT_FALSE(at(9 * SECOND));
	CU_ASSERT_EQUAL(period.stats.extended, 1);
	CU_ASSERT_EQUAL(on_air(), 1);
	CU_ASSERT_EQUAL(accept_cp(1, 2), 0);
	CU_ASSERT_TRUE(at(9 * SECOND + 1)); // as soon as it is whole, on a raster of its own
	CU_ASSERT_EQUAL(period.started_27mhz, 9 * SECOND + 1);
	CU_ASSERT_FALSE(at(11 * SECOND + 1));
	CU_ASSERT_EQUAL(period.stats.extended, 2); // the second period, counted for itself
	dp_arena_fini(&arena);
}

static void refused(void)
{
	struct dp_period_msg long_cw;

	open_period();
	long_cw = message(0, 2);
	long_cw.cw_bytes = 16;
	CU_ASSERT_EQUAL(dp_period_accept(&period, &long_cw, &plain, NULL), -EINVAL);
	CU_ASSERT_FALSE(period.running);
	CU_ASSERT_EQUAL(accept_cp(10, 2), 0);
	CU_ASSERT_EQUAL(accept_cp(10, 2), -EINVAL);
	CU_ASSERT_EQUAL(accept_cp(12, 2), -EINVAL);
	CU_ASSERT_EQUAL(accept_cp(9, 2), -EINVAL);
	CU_ASSERT_EQUAL(period.stats.messages_refused, 4);
	CU_ASSERT_FALSE(period.slot.have_next);
	CU_ASSERT_EQUAL(accept_cp(11, 2), 0);
	CU_ASSERT_EQUAL(accept_cp(11, 3), -EBUSY); // one next is there
	CU_ASSERT_EQUAL(period.stats.messages_refused, 5);
	CU_ASSERT_EQUAL(period.next_duration_27mhz, 2 * SECOND); // the refused one changed nothing
	CU_ASSERT_TRUE(at(2 * SECOND));
	CU_ASSERT_EQUAL(on_air(), 12);
	CU_ASSERT_EQUAL(period.cp_number, 11);
	dp_arena_fini(&arena);
}

static void cp_numbers_wrap(void)
{
	open_period();
	accept_cp(65535, 2);
	CU_ASSERT_EQUAL(dp_keyslot_current(&period.slot)->tsc, TS_TSC_ODD);
	CU_ASSERT_EQUAL(accept_cp(0, 2), 0);
	CU_ASSERT_TRUE(at(2 * SECOND));
	CU_ASSERT_EQUAL(dp_keyslot_current(&period.slot)->tsc, TS_TSC_EVEN);
	dp_arena_fini(&arena);
}

static void holds_after_the_last(void)
{
	struct dp_period_msg last;

	open_period();
	accept_cp(0, 2);
	last = message(1, 2);
	last.last = true;
	CU_ASSERT_EQUAL(dp_period_accept(&period, &last, &plain, NULL), 0);
	CU_ASSERT_TRUE(at(2 * SECOND));
	CU_ASSERT_TRUE(dp_period_ready(&period)); // none will come: nobody waits
	CU_ASSERT_FALSE(at(4 * SECOND));
	CU_ASSERT_FALSE(at(400 * UINT64_C(27000000)));
	CU_ASSERT_EQUAL(period.stats.extended, 0); // it was asked for
	CU_ASSERT_EQUAL(on_air(), 2);
	dp_arena_fini(&arena);
}

static void a_fixed_key_never_ends(void)
{
	open_period();
	CU_ASSERT_EQUAL(accept_cp(0, 0), 0);
	CU_ASSERT_TRUE(dp_period_ready(&period));
	CU_ASSERT_FALSE(at(UINT64_C(27000000) * 1000000));
	CU_ASSERT_EQUAL(period.stats.extended, 0);
	dp_arena_fini(&arena);
}

// What the worker does with a previous key.
static void tidy(void)
{
	if (dp_period_stale(&period))
		dp_keyslot_retire(&period.slot);
}

static void tidies_at_half_time(void)
{
	open_period();
	accept_cp(0, 2);
	accept_cp(1, 2);
	CU_ASSERT_TRUE(at(2 * SECOND));
	tidy();
	CU_ASSERT_PTR_NOT_NULL(dp_keyslot_of(&period.slot, 1));
	period.media.now_27mhz = 3 * SECOND;
	tidy();
	CU_ASSERT_PTR_NOT_NULL(dp_keyslot_of(&period.slot, 1));
	period.media.now_27mhz = 3 * SECOND + 1;
	tidy();
	CU_ASSERT_PTR_NULL(dp_keyslot_of(&period.slot, 1));
	CU_ASSERT_EQUAL(on_air(), 2);
	dp_arena_fini(&arena);
}

// Tidying before the first period must not take the key that is about to start, nor the next one later.
static void tidying_spares_the_others(void)
{
	open_period();
	period.media.now_27mhz = SECOND;
	tidy();
	accept_cp(0, 2);
	accept_cp(1, 2);
	period.media.now_27mhz = 3 * SECOND - 1;
	tidy();
	CU_ASSERT_EQUAL(on_air(), 1);
	CU_ASSERT_TRUE(at(3 * SECOND));
	CU_ASSERT_EQUAL(on_air(), 2);
	dp_arena_fini(&arena);
}

static const struct unit_test tests[] = {
	{"the first starts at once", first_starts_at_once},
	{"flips when due", flips_when_due},
	{"keeps the raster", keeps_the_raster},
	{"a late one starts a new raster", a_late_one_starts_a_new_raster},
	{"extended once", extended_once},
	{"refused", refused},
	{"CP_numbers wrap", cp_numbers_wrap},
	{"holds after the last", holds_after_the_last},
	{"a fixed key never ends", a_fixed_key_never_ends},
	{"tidies at half time", tidies_at_half_time},
	{"tidying spares the others", tidying_spares_the_others},
};

UNIT_MAIN("period", tests)
