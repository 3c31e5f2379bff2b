// SPDX-License-Identifier: GPL-3.0-or-later
// One implementation of an algorithm under measurement, ours or a library's own interface.
//
// A library is taken at its best: keys and jobs are prepared outside of the measured time, contexts are kept per key.
//
// Threads: main. Owns: its state, given back by close.
#pragma once

#include "kernel/load.h"

struct bench_contender {
	const char *name, *isa;
	bool outside;   // not of Bulkhead
	bool alone;     // one packet after the other: fill makes no difference
	unsigned lanes; // packets of its full batch
	void *state;
	// Prepares packets and keys for a shape; not timed.
	void (*lay)(void *state, const struct bench_shape *shape);
	// Scrambles shape->fill packets.
	void (*run)(void *state, unsigned turn);
	// Sets up the key of control word `slot` again.
	void (*set_key)(void *state, unsigned slot);
	// The payload of packet i after run, BORROWED.
	const uint8_t *(*out)(void *state, unsigned i);
	void (*close)(void *state);
};

// A library's contender: the file has lay, run, set_key, out and shut.
#define BENCH_LIBRARY(library, memory)                          \
	((struct bench_contender){.name = (library),            \
				  .isa = "library",             \
				  .outside = true,              \
				  .lanes = DP_CIPHER_LANES_MAX, \
				  .state = (memory),            \
				  .lay = lay,                   \
				  .run = run,                   \
				  .set_key = set_key,           \
				  .out = out,                   \
				  .close = shut})

// Open a contender on a load (BORROWED until close). 0 or -errno: -ENOTSUP when it does not know the algorithm or
// cannot run here.
int bench_ours_open(struct bench_contender *c, const struct dp_cipher_ops *ops, const struct bench_load *load);
int bench_libdvbcsa_open(struct bench_contender *c, enum dp_algorithm algorithm, const struct bench_load *load);
int bench_ipsecmb_open(struct bench_contender *c, enum dp_algorithm algorithm, const struct bench_load *load);
int bench_openssl_open(struct bench_contender *c, enum dp_algorithm algorithm, const struct bench_load *load);
