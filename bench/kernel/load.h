// SPDX-License-Identifier: GPL-3.0-or-later
// What every contender of an algorithm has to scramble: the same payloads, lengths and control words.
//
// Payloads lie one transport packet apart, as they do in datagrams, so that they begin anywhere in a cache line. Two
// full batches of the widest kernel, with their output and keys about 700 KiB: in L2, as the packet path has them.
//
// Threads: main. Owns: its memory.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cipher/cipher.h"

enum { BENCH_LOAD_PKTS = 2 * DP_CIPHER_LANES_MAX, BENCH_LOAD_STRIDE = 188 };

// How a contender's packets are laid out for one measurement.
struct bench_shape {
	unsigned fill; // packets of one call
	unsigned keys; // lane i has key i % keys
	bool odd;      // a tenth of the payloads has a random length of 1..183 bytes, the others 184
};

struct bench_load {
	uint8_t cw[BENCH_LOAD_PKTS][DP_CW_MAX_BYTES];
	uint8_t odd[BENCH_LOAD_PKTS]; // lengths of the odd shapes
	uint8_t bytes[BENCH_LOAD_PKTS + 1][BENCH_LOAD_STRIDE] __attribute__((aligned(64)));
};

// Fills with numbers that are the same in every run.
void bench_load_make(struct bench_load *load);

static inline unsigned bench_load_bytes(const struct bench_load *load, const struct bench_shape *shape, unsigned i)
{
	return shape->odd ? load->odd[i] : DP_CIPHER_BYTES_MAX;
}

// The first packet of a call: calls go through the load in turn.
static inline unsigned bench_load_first(const struct bench_shape *shape, unsigned turn)
{
	return turn % (BENCH_LOAD_PKTS / shape->fill) * shape->fill;
}
