// SPDX-License-Identifier: GPL-3.0-or-later
// The self-test passes the real ciphers and fails broken ones: a wrong bit in the first lane, in the last lane only,
// a lane left undone, a residue, the key schedule of the other CSA.
#include <errno.h>

#include "cipher_rig.h"

static const struct dp_cipher_ops *real;
static bool break_scramble, break_descramble, only_last, only_residue, undone;

static void spoil(struct dp_lane *lanes, unsigned n)
{
	struct dp_lane *lane = &lanes[only_last ? n - 1 : 0];

	if ((only_last && n == 1) || (only_residue && lane->n % 8 == 0))
		return;
	if (undone)
		lane->done = false;
	else
		lane->dst[lane->n - 1] ^= 0x01;
}

static void scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	real->scramble(scratch, lanes, n);
	if (break_scramble)
		spoil(lanes, n);
}

static void descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	real->descramble(scratch, lanes, n);
	if (break_descramble)
		spoil(lanes, n);
}

static int run(enum dp_algorithm algorithm)
{
	struct dp_cipher_ops fake = *cipher_rig_chosen(algorithm);
	struct cipher_rig rig;
	int rc;

	real = cipher_rig_chosen(algorithm);
	fake.scramble = scramble;
	fake.descramble = descramble;
	cipher_rig_open(&rig, algorithm, 1);
	rc = dp_cipher_selftest(&fake, rig.scratch, dp_arena_take(&rig.arena, fake.key_bytes));
	cipher_rig_close(&rig);
	return rc;
}

static void set(bool in_scramble, bool in_descramble, bool last, bool not_done)
{
	break_scramble = in_scramble;
	break_descramble = in_descramble;
	only_last = last;
	undone = not_done;
}

static void all(int want)
{
	for (int a = 0; a < DP_ALGORITHMS; a++)
		CU_ASSERT_EQUAL(run((enum dp_algorithm)a), want);
}

static void good(void)
{
	set(false, false, false, false);
	all(0);
}

static void wrong_bit(void)
{
	set(true, false, false, false);
	all(-EBADMSG);
	set(false, true, false, false);
	all(-EBADMSG);
}

static void wrong_in_a_full_batch_only(void)
{
	set(true, false, true, false);
	all(-EBADMSG);
	set(false, true, true, false);
	all(-EBADMSG);
}

// Of CSA a payload with a residue is among the answers.
static void wrong_residue(void)
{
	set(true, false, false, false);
	only_residue = true;
	CU_ASSERT_EQUAL(run(DP_CSA1), -EBADMSG);
	CU_ASSERT_EQUAL(run(DP_CSA2), -EBADMSG);
	only_residue = false;
}

static void left_undone(void)
{
	set(true, false, false, true);
	all(-EBADMSG);
	set(true, false, true, true);
	all(-EBADMSG);
}

// CSA1 makes sums of bytes of the CW that CSA2 keeps: the answers must not be those of the other's key.
static void keys_of(enum dp_algorithm algorithm, enum dp_algorithm other)
{
	struct dp_cipher_ops fake = *cipher_rig_chosen(algorithm);
	struct cipher_rig rig;

	fake.set_key = cipher_rig_chosen(other)->set_key;
	cipher_rig_open(&rig, algorithm, 1);
	CU_ASSERT_EQUAL(dp_cipher_selftest(&fake, rig.scratch, dp_arena_take(&rig.arena, fake.key_bytes)), -EBADMSG);
	cipher_rig_close(&rig);
}

static void wrong_key_schedule(void)
{
	keys_of(DP_CSA1, DP_CSA2);
	keys_of(DP_CSA2, DP_CSA1);
}

static const struct unit_test tests[] = {
	{"good", good},
	{"wrong bit", wrong_bit},
	{"wrong in a full batch only", wrong_in_a_full_batch_only},
	{"wrong residue", wrong_residue},
	{"left undone", left_undone},
	{"wrong key schedule", wrong_key_schedule},
};

UNIT_MAIN("selftest", tests)
