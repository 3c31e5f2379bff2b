// SPDX-License-Identifier: GPL-3.0-or-later
// Our C reference as the witness, where there is no other.
#include <stdlib.h>
#include <string.h>

#include <base_check.h>

#include "kernel.h"
#include "witness.h"

enum { READ_BYTES = 192 };

static void *open_state(enum dp_algorithm algorithm)
{
	const struct dp_cipher_ops *ops = kernel_find(algorithm, "reference");
	struct kernel *kernel;

	if (!ops)
		return NULL;
	kernel = calloc(1, sizeof(*kernel));
	CHECK(kernel && kernel_open(kernel, ops, 1) == 0);
	return kernel;
}

static void close_state(void *state)
{
	CHECK(kernel_close(state));
	free(state);
}

static void set_key(void *state, const uint8_t *cw)
{
	kernel_set_key(state, 0, cw);
}

static void scramble(void *state, const struct witness_packet *packets, unsigned count)
{
	uint8_t from[READ_BYTES] = {0};

	for (unsigned i = 0; i < count; i++) {
		struct dp_lane lane = {.src = from,
				       .dst = packets[i].bytes,
				       .key = kernel_key(state, 0),
				       .n = (uint8_t)packets[i].n};

		memcpy(from, packets[i].bytes, packets[i].n);
		kernel_run(state, SCRAMBLE, &lane, 1);
		CHECK(lane.done);
	}
}

const struct witness_kind witness_reference = {
	.name = "reference",
	.open = open_state,
	.set_key = set_key,
	.scramble = scramble,
	.close = close_state,
};
