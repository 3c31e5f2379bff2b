// SPDX-License-Identifier: GPL-3.0-or-later
// The `static` source of control words: feeds the crypto-periods of a key file to the workers, one message each, the
// next as soon as one has started.
//
// Threads: main. Owns: the message buffers, in the key arena; its counters.
// Errors: -ENOMEM.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "source/keyfile.h"

struct dp_lineup;
struct dp_worker;

struct dp_static_source {
	const struct dp_keyfile *keyfile;
	struct dp_lineup *lineup;
	struct dp_worker *workers;
	uint64_t *sent; // messages per group
};

// Arena bytes for the messages of this line-up and so many workers.
size_t dp_static_source_arena_bytes(const struct dp_lineup *lineup, unsigned workers);

// Puts spare messages into every worker's ring. All pointers BORROWED for the source's life.
int dp_static_source_init(struct dp_static_source *source, const struct dp_keyfile *keyfile, struct dp_lineup *lineup,
			  struct dp_worker *workers, unsigned n, struct dp_arena *arena);
void dp_static_source_fini(struct dp_static_source *source);

// Sends what is wanted now. Returns the number of messages sent.
unsigned dp_static_source_poll(struct dp_static_source *source);
