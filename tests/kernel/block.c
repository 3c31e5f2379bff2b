// SPDX-License-Identifier: GPL-3.0-or-later
#include "block.h"

#include <stdio.h>
#include <stdlib.h>

struct block *block_new(void)
{
	return calloc(1, sizeof(struct block));
}

void block_free(struct block *block)
{
	free(block);
}

static uint8_t draw_length(struct rng *rng)
{
	enum { ODDS = 5 };

	return rng_below(rng, ODDS) ? DP_CIPHER_BYTES_MAX : (uint8_t)rng_below(rng, DP_CIPHER_BYTES_MAX + 1);
}

void block_draw(struct block *block, const struct witness *witness, enum dp_algorithm algorithm, uint64_t seed)
{
	struct witness_packet packets[BLOCK_PACKETS_PER_KEY];
	struct rng rng = rng_of(seed);

	block->algorithm = algorithm;
	block->seed = seed;
	rng_fill(&rng, block->cw[0], sizeof(block->cw));
	rng_fill(&rng, block->in[SCRAMBLE][0], sizeof(block->in[SCRAMBLE]));
	memcpy(block->in[DESCRAMBLE], block->in[SCRAMBLE], sizeof(block->in[SCRAMBLE]));
	for (unsigned k = 0; k < BLOCK_KEYS; k++) {
		for (unsigned i = 0; i < BLOCK_PACKETS_PER_KEY; i++) {
			unsigned p = k * BLOCK_PACKETS_PER_KEY + i;

			block->n[p] = draw_length(&rng);
			packets[i] = (struct witness_packet){.bytes = block->in[DESCRAMBLE][p], .n = block->n[p]};
		}
		witness_set_key(witness, block->cw[k]);
		witness_scramble(witness, packets, BLOCK_PACKETS_PER_KEY);
	}
}

// The packet of place `i` in the order of batches. The step is odd and so meets every packet once; it goes five keys on
// each time, so that a batch of 512 lanes has every key twice, far apart.
static unsigned packet_at(unsigned i)
{
	return i * (BLOCK_PACKETS_PER_KEY * 5 + 1) % BLOCK_PACKETS;
}

static void report(const struct block *block, const struct kernel *kernel, enum direction direction, unsigned i,
		   const struct dp_lane *lane, const uint8_t *want)
{
	unsigned p = packet_at(i), at = 0;

	while (at < lane->n && lane->dst[at] == want[at])
		at++;
	printf("FAILED %s %s %s %s, seed 0x%llx: packet %u (lane %u of %u), key %u, length %u: ",
	       dp_algorithm[block->algorithm].name, kernel->ops->name, kernel->ops->isa, direction_name[direction],
	       (unsigned long long)block->seed, p, i % DP_CIPHER_LANES_MAX, DP_CIPHER_LANES_MAX,
	       p / BLOCK_PACKETS_PER_KEY, lane->n);
	if (lane->done)
		printf("byte %u is %02x instead of %02x\n", at, lane->dst[at], want[at]);
	else
		printf("not done\n");
}

// One full batch from place `first` on.
static unsigned compare_batch(struct block *block, struct kernel *kernel, enum direction direction, unsigned first,
			      bool quiet)
{
	struct dp_lane lanes[DP_CIPHER_LANES_MAX];
	unsigned wrong = 0;

	for (unsigned i = 0; i < DP_CIPHER_LANES_MAX; i++) {
		unsigned p = packet_at(first + i);

		lanes[i] = (struct dp_lane){.src = block->in[direction][p],
					    .dst = block->out[p],
					    .key = kernel_key(kernel, p / BLOCK_PACKETS_PER_KEY),
					    .n = block->n[p]};
		memset(lanes[i].dst, 0, lanes[i].n);
	}
	kernel_run(kernel, direction, lanes, DP_CIPHER_LANES_MAX);
	for (unsigned i = 0; i < DP_CIPHER_LANES_MAX; i++) {
		const uint8_t *want = block->in[!direction][packet_at(first + i)];

		if (lanes[i].done && memcmp(lanes[i].dst, want, lanes[i].n) == 0)
			continue;
		if (wrong++ == 0 && !quiet)
			report(block, kernel, direction, first + i, &lanes[i], want);
	}
	return wrong;
}

unsigned block_compare(struct block *block, struct kernel *kernel, unsigned packets)
{
	unsigned wrong = 0;

	for (unsigned k = 0; k < BLOCK_KEYS; k++)
		kernel_set_key(kernel, k, block->cw[k]);
	for (unsigned first = 0; first < packets; first += DP_CIPHER_LANES_MAX) {
		wrong += compare_batch(block, kernel, SCRAMBLE, first, wrong > 0);
		wrong += compare_batch(block, kernel, DESCRAMBLE, first, wrong > 0);
	}
	return wrong;
}
