// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the ciphers share: an implementation with its arena, and random bytes of a printed seed.
//
// Threads: one. Owns: the arena.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ts_packet.h>
#include <unit.h>

#include "arena/arena.h"
#include "choice/choice.h"

struct cipher_rig {
	const struct dp_cipher_ops *ops;
	struct dp_arena arena;
	void *scratch;
};

// What runs here when nothing is asked for.
static inline const struct dp_cipher_ops *cipher_rig_chosen(enum dp_algorithm algorithm)
{
	static const struct dp_choice_wish nothing;
	static struct base_errs errs;
	struct dp_choice choice;

	CU_ASSERT_EQUAL_FATAL(dp_choice_make(&choice, dp_cpu_features(), &nothing, &errs), 0);
	return choice.ops[algorithm];
}

static inline void cipher_rig_open_ops(struct cipher_rig *rig, const struct dp_cipher_ops *ops, unsigned keys)
{
	static struct base_errs errs;

	rig->ops = ops;
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&rig->arena,
					    dp_choice_arena_bytes(ops) + keys * dp_arena_cost(ops->key_bytes)),
			      0);
	CU_ASSERT_EQUAL_FATAL(dp_choice_set_up(ops, &rig->arena, &rig->scratch, &errs), 0);
}

static inline void cipher_rig_open(struct cipher_rig *rig, enum dp_algorithm algorithm, unsigned keys)
{
	cipher_rig_open_ops(rig, cipher_rig_chosen(algorithm), keys);
}

static inline void *cipher_rig_key(struct cipher_rig *rig, const uint8_t *cw)
{
	void *key = dp_arena_take(&rig->arena, rig->ops->key_bytes);

	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	rig->ops->set_key(rig->scratch, key, cw);
	return key;
}

static inline void cipher_rig_close(struct cipher_rig *rig)
{
	rig->ops->fini(rig->scratch);
	dp_arena_fini(&rig->arena);
}

// xorshift64*: the same numbers from the same seed on every machine. BULKHEAD_SEED in the environment sets another.
static inline uint64_t *random_state(void)
{
	static uint64_t state;

	if (!state) {
		const char *seed = getenv("BULKHEAD_SEED");

		state = seed ? strtoull(seed, NULL, 0) : 0;
		state = state ? state : 0x42756C6B68656164;
		printf("seed 0x%llx\n", (unsigned long long)state);
	}
	return &state;
}

static inline uint64_t random_word(void)
{
	uint64_t *s = random_state();

	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * UINT64_C(0x2545F4914F6CDD1D);
}

static inline void random_fill(uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(random_word() >> 32);
}
