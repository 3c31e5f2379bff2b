// SPDX-License-Identifier: GPL-3.0-or-later
// What a test (tests.h) is given: all implementations of one algorithm that are to be tried,
// opened, and memory to lay packets in. A test draws packets once and tries every implementation on them.
//
// Threads: one. Owns: its memory and kernels.
#pragma once

#include "batch.h"

struct trial {
	enum dp_algorithm algorithm;
	const char *test; // the one that runs
	bool brief;       // fewer cases, for emulated processors
	struct rng rng;   // of the test that runs: the same whatever ran before it
	struct witness witness;
	unsigned count;
	struct kernel kernel[DP_CIPHER_IMPLEMENTATIONS_MAX];
	struct packets packets;
	struct batch batch;
	struct ground src, dst;                 // open
	struct ground guarded_src, guarded_dst; // a page for each lane
};

// GIVES a trial without kernels, or NULL when nobody can say what is right for the algorithm.
struct trial *trial_new(enum dp_algorithm algorithm, bool brief);

// Opens an implementation to be tried. 0 or -errno.
int trial_add(struct trial *trial, const struct dp_cipher_ops *ops);

// Runs one test, whose random numbers come from `seed` and its name.
void trial_run(struct trial *trial, const char *test, void (*run)(struct trial *trial), uint64_t seed);

// Closes all and returns the number of failures.
unsigned trial_free(struct trial *trial);

// Draws packets (packets_draw) and sets the key records of all kernels.
void trial_draw(struct trial *trial, unsigned count, unsigned keys, unsigned length);

// Calls `lay` for every kernel and direction with a batch that was begun, and the same random numbers each time.
typedef void trial_lay_fn(struct trial *trial, struct rng *rng);
void trial_each(struct trial *trial, trial_lay_fn *lay);

// Lays packet `p` on open ground, at random alignments. For a lay function.
void trial_lay(struct trial *trial, struct rng *rng, unsigned p);

// Counts and prints a failure that no batch reports.
void trial_fail(struct trial *trial, struct kernel *kernel, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
