// SPDX-License-Identifier: GPL-3.0-or-later
// Random bytes that are the same from the same seed on every machine (xorshift64*, seeded through splitmix64).
//
// Threads: one per generator.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rng {
	uint64_t state;
};

// Neighbouring seeds give generators that have nothing in common.
static inline struct rng rng_of(uint64_t seed)
{
	uint64_t z = seed + UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	z ^= z >> 31;
	return (struct rng){.state = z ? z : 1};
}

static inline uint64_t rng_word(struct rng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return rng->state * UINT64_C(0x2545F4914F6CDD1D);
}

// 0 .. limit - 1
static inline unsigned rng_below(struct rng *rng, unsigned limit)
{
	return (unsigned)((rng_word(rng) >> 32) * limit >> 32);
}

static inline void rng_fill(struct rng *rng, uint8_t *out, size_t n)
{
	for (; n >= 8; n -= 8, out += 8) {
		uint64_t word = rng_word(rng);

		memcpy(out, &word, 8);
	}
	if (n) {
		uint64_t word = rng_word(rng);

		memcpy(out, &word, n);
	}
}
