// SPDX-License-Identifier: GPL-3.0-or-later
// Where source and destination lie: every alignment, in place, and beside pages that nobody may touch.
#include "tests.h"

// Lane i of `batch` batches: all pairs of alignments, one after the other.
static void every_alignment(struct trial *trial, struct rng *rng)
{
	enum { PAIRS = ALIGNMENTS * ALIGNMENTS };
	unsigned lanes = trial->packets.count;

	(void)rng;
	// 37 and PAIRS have no divisor in common: the brief run meets every alignment of either.
	for (unsigned pair = 0; pair < PAIRS; pair += trial->brief ? PAIRS : lanes) {
		trial->batch.laid = 0;
		for (unsigned i = 0; i < lanes; i++) {
			unsigned both = trial->brief ? i * 37 % PAIRS : pair + i;
			struct place src = ground_place(&trial->src, i, both / ALIGNMENTS);
			struct place dst = ground_place(&trial->dst, i, both % ALIGNMENTS);

			batch_lay(&trial->batch, (i + pair / 64) % lanes, &src, &dst);
		}
		batch_run(&trial->batch, lanes);
	}
}

static void in_place(struct trial *trial, struct rng *rng)
{
	unsigned shift = rng_below(rng, ALIGNMENTS);

	for (unsigned i = 0; i < trial->packets.count; i++) {
		struct place dst = ground_place(&trial->dst, i, (i + shift) % ALIGNMENTS);

		batch_lay(&trial->batch, i, NULL, &dst);
	}
	// Those behind the call must keep their clear bytes.
	batch_run(&trial->batch, trial->packets.count - 5);
}

void test_alignments(struct trial *trial)
{
	trial_draw(trial, PACKETS_MAX, PACKETS_MAX, ANY_LENGTH);
	trial_each(trial, every_alignment);
	trial_each(trial, in_place);
}

// dst ends where its page does, or begins there; src may be read for 192 bytes up to the end of its page.
static void beside_guards(struct trial *trial, bool src_at_end, bool dst_at_end)
{
	for (unsigned i = 0; i < trial->packets.count; i++) {
		struct place src = src_at_end ? ground_at_end(&trial->guarded_src, i, READ_BYTES_MAX)
					      : ground_at_start(&trial->guarded_src, i);
		struct place dst = dst_at_end ? ground_at_end(&trial->guarded_dst, i, trial->packets.at[i].n)
					      : ground_at_start(&trial->guarded_dst, i);

		batch_lay(&trial->batch, i, &src, &dst);
	}
	batch_run(&trial->batch, trial->packets.count);
	trial->batch.laid = 0;
}

static void every_side(struct trial *trial, struct rng *rng)
{
	(void)rng;
	for (unsigned sides = 0; sides < 4; sides++)
		beside_guards(trial, sides & 1, sides & 2);
}

static void in_place_beside_guards(struct trial *trial, struct rng *rng)
{
	(void)rng;
	for (unsigned i = 0; i < trial->packets.count; i++) {
		struct place dst = i % 2 ? ground_at_start(&trial->guarded_dst, i)
					 : ground_at_end(&trial->guarded_dst, i, READ_BYTES_MAX);

		batch_lay(&trial->batch, i, NULL, &dst);
	}
	batch_run(&trial->batch, trial->packets.count);
}

void test_guard_pages(struct trial *trial)
{
	// The second time each is one of a batch that is nearly empty.
	for (unsigned count = PACKETS_MAX; count; count = count == PACKETS_MAX ? 3 : 0) {
		trial_draw(trial, count, count, ANY_LENGTH);
		trial_each(trial, every_side);
		trial_each(trial, in_place_beside_guards);
	}
	trial_draw(trial, PACKETS_MAX, 1, DP_CIPHER_BYTES_MAX);
	trial_each(trial, every_side);
}
