// SPDX-License-Identifier: GPL-3.0-or-later
// Lengths, batch sizes and mixes of keys.
#include "tests.h"

static void lay_from(struct trial *trial, struct rng *rng, unsigned first, unsigned n)
{
	trial->batch.laid = 0;
	for (unsigned i = 0; i < n; i++)
		trial_lay(trial, rng, (first + i) % trial->packets.count);
}

static void all_packets(struct trial *trial, struct rng *rng)
{
	lay_from(trial, rng, 0, trial->packets.count);
	batch_run(&trial->batch, trial->packets.count);
}

static void each_packet_alone(struct trial *trial, struct rng *rng)
{
	for (unsigned p = 0; p < trial->packets.count; p++) {
		lay_from(trial, rng, p, 1);
		batch_run(&trial->batch, 1);
	}
}

// All of 0..184 in one batch, every packet by itself, and batches of one length only.
void test_lengths(struct trial *trial)
{
	enum { SAME = 65 };

	trial_draw(trial, PACKETS_MAX, PACKETS_MAX, ANY_LENGTH);
	trial_each(trial, all_packets);
	trial_draw(trial, LENGTHS, LENGTHS, ANY_LENGTH);
	trial_each(trial, each_packet_alone);
	for (unsigned n = 0; n < LENGTHS; n += trial->brief ? 23 : 1) {
		trial_draw(trial, SAME, SAME, n);
		trial_each(trial, all_packets);
	}
}

// The first `n` of a few lanes more.
static void batch_of(struct trial *trial, struct rng *rng, unsigned n)
{
	enum { BEHIND = 3 };
	unsigned laid = n + BEHIND < DP_CIPHER_LANES_MAX ? n + BEHIND : DP_CIPHER_LANES_MAX;

	lay_from(trial, rng, rng_below(rng, trial->packets.count), laid);
	batch_run(&trial->batch, n);
}

// Around the words and groups of lanes that kernels work in.
static void edge_sizes(struct trial *trial, struct rng *rng)
{
	for (unsigned n = 4; n <= DP_CIPHER_LANES_MAX; n *= 2) {
		batch_of(trial, rng, n - 1);
		batch_of(trial, rng, n);
		if (n < DP_CIPHER_LANES_MAX)
			batch_of(trial, rng, n + 1);
	}
}

// Every size where a batch is more than a loop over its lanes: the others need not take that time.
static void every_size(struct trial *trial, struct rng *rng)
{
	const struct dp_cipher_ops *ops = trial->batch.kernel->ops;
	unsigned lanes = ops->lanes;

	if (strcmp(ops->name, "bulkhead") != 0) {
		edge_sizes(trial, rng);
		return;
	}
	for (unsigned n = 1; n <= lanes + 1 && n <= DP_CIPHER_LANES_MAX; n++)
		batch_of(trial, rng, n);
	batch_of(trial, rng, DP_CIPHER_LANES_MAX);
}

// 1 to one more than the kernel's lanes, and the most; every lane has its own key and length.
void test_batches(struct trial *trial)
{
	trial_draw(trial, PACKETS_MAX, PACKETS_MAX, ANY_LENGTH);
	trial_each(trial, trial->brief ? edge_sizes : every_size);
	trial_draw(trial, PACKETS_MAX, PACKETS_MAX, DP_CIPHER_BYTES_MAX);
	trial_each(trial, trial->brief ? all_packets : edge_sizes);
}

// Batches whose lanes share keys, one to many, as services with more or fewer packets make them.
void test_keys(struct trial *trial)
{
	static const unsigned keys[] = {1, 2, 3, 5, 8, 37, 64, 200};

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i += trial->brief ? 3 : 1) {
		trial_draw(trial, PACKETS_MAX, keys[i], ANY_LENGTH);
		trial_each(trial, trial->brief ? all_packets : edge_sizes);
		trial_draw(trial, PACKETS_MAX, keys[i], DP_CIPHER_BYTES_MAX);
		trial_each(trial, all_packets);
	}
}
