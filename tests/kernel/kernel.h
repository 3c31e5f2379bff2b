// SPDX-License-Identifier: GPL-3.0-or-later
// One implementation of one algorithm, opened: its scratch and its key records, with marks behind both.
//
// Threads: one per kernel. Owns: its arena. Errors: -ENOMEM, -ENOTSUP.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "cipher/cipher.h"

enum direction { SCRAMBLE, DESCRAMBLE, DIRECTIONS };

extern const char *const direction_name[DIRECTIONS];

struct kernel {
	const struct dp_cipher_ops *ops;
	struct dp_arena arena;
	uint8_t *scratch;
	uint8_t *keys; // records, each at a multiple of key_stride
	size_t key_stride;
	unsigned key_count;
	unsigned failures; // counted by who runs it
};

// Takes memory for `keys` records and initialises the scratch.
int kernel_open(struct kernel *kernel, const struct dp_cipher_ops *ops, unsigned keys);

// Wipes and returns all. False when something was written behind the scratch or a key record.
bool kernel_close(struct kernel *kernel);

// The record of key `k`, for a CW of the algorithm's size.
void kernel_set_key(struct kernel *kernel, unsigned k, const uint8_t *cw);

static inline const void *kernel_key(const struct kernel *kernel, unsigned k)
{
	return kernel->keys + k * kernel->key_stride;
}

// One call, through the edge that the dataplane uses.
static inline void kernel_run(const struct kernel *kernel, enum direction direction, struct dp_lane *lanes, unsigned n)
{
	if (direction == SCRAMBLE)
		dp_cipher_scramble(kernel->ops, kernel->scratch, lanes, n);
	else
		dp_cipher_descramble(kernel->ops, kernel->scratch, lanes, n);
}

// Whether this machine can run it. A library may have needs of its own, which its init tells.
bool kernel_runs(const struct dp_cipher_ops *ops);

// The implementation of the name, or NULL.
const struct dp_cipher_ops *kernel_find(enum dp_algorithm algorithm, const char *name);
