// SPDX-License-Identifier: GPL-3.0-or-later
// The Monte-Carlo chain: what comes out of a round is the next round's payload and makes its key and its length, so
// that one wrong bit anywhere spoils all that follows. Each round is also descrambled.
//
// The values at the end were computed with the outside witnesses; a build that has them computes them again.
#include <stdio.h>
#include <stdlib.h>

#include <base_check.h>

#include "tests.h"

enum { LANES = 13, ROUNDS = 2000, BRIEF_ROUNDS = 100 };

static const struct {
	const char *algorithm;
	uint64_t after[2]; // ROUNDS, BRIEF_ROUNDS
} right[] = {
	{"csa1", {UINT64_C(0x803038b654e3fc70), UINT64_C(0x68ba315ff343589f)}},
	{"csa2", {UINT64_C(0x08d69520fce350d8), UINT64_C(0x3bdca3c478c11608)}},
	{"cissa", {UINT64_C(0x7ace2b57ebfc48bc), UINT64_C(0xadb7c28a390e0f73)}},
	{"idsa", {UINT64_C(0xa210a5bd175f7743), UINT64_C(0x06df9299c1ec82ea)}},
	{"sm4-cbc", {UINT64_C(0x727399d5047312b6), UINT64_C(0x78ac76c349bde91a)}},
	{"aes-cbc", {UINT64_C(0xbc2a38dc44cbbca5), UINT64_C(0x9e66694660a8b8ee)}},
	{"aes-ecb", {UINT64_C(0x2013ca5c9ba47ff2), UINT64_C(0xd8065982418f395a)}},
};

struct link {
	uint8_t bytes[READ_BYTES_MAX];
	uint8_t cw[DP_CW_MAX_BYTES];
	uint8_t n;
};

struct chain {
	struct link at[LANES];
	unsigned round;
};

static void start(struct chain *chain)
{
	struct rng rng = rng_of(0x6368616969);

	chain->round = 0;
	for (unsigned i = 0; i < LANES; i++) {
		rng_fill(&rng, chain->at[i].bytes, READ_BYTES_MAX);
		rng_fill(&rng, chain->at[i].cw, DP_CW_MAX_BYTES);
		chain->at[i].n = DP_CIPHER_BYTES_MAX;
	}
}

// Makes keys and lengths of the next round. Half of the packets are full, as they are on air.
static void next(struct chain *chain)
{
	chain->round++;
	for (unsigned i = 0; i < LANES; i++) {
		struct link *link = &chain->at[i];
		unsigned n = (link->bytes[1] + 61 * chain->round) % LENGTHS;

		for (unsigned k = 0; k < DP_CW_MAX_BYTES; k++)
			link->cw[k] ^= (uint8_t)(link->bytes[k] + chain->round);
		link->n = (uint8_t)(link->bytes[0] & 1 ? n : DP_CIPHER_BYTES_MAX);
	}
}

// FNV-1a of all that the chain has come to.
static uint64_t value(const struct chain *chain)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);

	for (unsigned i = 0; i < LANES; i++) {
		const struct link *link = &chain->at[i];

		for (unsigned k = 0; k < DP_CIPHER_BYTES_MAX; k++)
			hash = (hash ^ link->bytes[k]) * UINT64_C(0x100000001B3);
		for (unsigned k = 0; k < DP_CW_MAX_BYTES; k++)
			hash = (hash ^ link->cw[k]) * UINT64_C(0x100000001B3);
	}
	return hash;
}

static uint64_t by_witness(const struct witness *witness, unsigned rounds)
{
	struct chain chain;

	for (start(&chain); chain.round < rounds; next(&chain)) {
		for (unsigned i = 0; i < LANES; i++) {
			const struct witness_packet packet = {.bytes = chain.at[i].bytes, .n = chain.at[i].n};

			witness_set_key(witness, chain.at[i].cw);
			witness_scramble(witness, &packet, 1);
		}
	}
	return value(&chain);
}

// Runs the chain's lanes from `from` to `to`.
static void run(struct kernel *kernel, enum direction direction, struct chain *chain, uint8_t (*from)[READ_BYTES_MAX],
		uint8_t (*to)[READ_BYTES_MAX])
{
	struct dp_lane lane[LANES];

	for (unsigned i = 0; i < LANES; i++)
		lane[i] = (struct dp_lane){.src = from[i],
					   .dst = to[i],
					   .key = kernel_key(kernel, i),
					   .n = chain->at[i].n};
	kernel_run(kernel, direction, lane, LANES);
}

static bool one_round(struct trial *trial, struct kernel *kernel, struct chain *chain)
{
	static uint8_t clear[LANES][READ_BYTES_MAX], out[LANES][READ_BYTES_MAX], back[LANES][READ_BYTES_MAX];

	for (unsigned i = 0; i < LANES; i++) {
		memcpy(clear[i], chain->at[i].bytes, READ_BYTES_MAX);
		kernel_set_key(kernel, i, chain->at[i].cw);
	}
	run(kernel, SCRAMBLE, chain, clear, out);
	run(kernel, DESCRAMBLE, chain, out, back);
	for (unsigned i = 0; i < LANES; i++) {
		struct link *link = &chain->at[i];

		if (memcmp(back[i], clear[i], link->n) != 0) {
			trial_fail(trial, kernel, "round %u, lane %u of length %u is not what it was when descrambled",
				   chain->round, i, link->n);
			return false;
		}
		memcpy(link->bytes, out[i], link->n);
	}
	return true;
}

static void by_kernel(struct trial *trial, struct kernel *kernel, unsigned rounds, uint64_t want)
{
	struct chain chain;

	for (start(&chain); chain.round < rounds; next(&chain))
		if (!one_round(trial, kernel, &chain))
			return;
	if (value(&chain) != want)
		trial_fail(trial, kernel, "after %u rounds the value is 0x%016llx instead of 0x%016llx", rounds,
			   (unsigned long long)value(&chain), (unsigned long long)want);
}

static uint64_t find_right(enum dp_algorithm algorithm, bool brief)
{
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		if (strcmp(right[i].algorithm, dp_algorithm[algorithm].name) == 0)
			return right[i].after[brief];
	return 0;
}

void test_chain(struct trial *trial)
{
	unsigned rounds = trial->brief ? BRIEF_ROUNDS : ROUNDS;
	uint64_t want = find_right(trial->algorithm, trial->brief);

	if (trial->witness.kind->outside) {
		uint64_t is = by_witness(&trial->witness, rounds);

		if (is != want)
			trial_fail(trial, &trial->kernel[0],
				   "%s comes to 0x%016llx after %u rounds, and 0x%016llx is written",
				   trial->witness.kind->name, (unsigned long long)is, rounds, (unsigned long long)want);
	}
	for (unsigned i = 0; i < trial->count; i++)
		by_kernel(trial, &trial->kernel[i], rounds, want);
}
