// SPDX-License-Identifier: GPL-3.0-or-later
// The one place of the dataplane where clear key bytes live: locked, out of core dumps and forks, guarded at both
// ends, wiped when given back.
//
// Threads: taken from by main before READY; what was taken belongs to one thread.
// Owns: its pages. Errors: -ENOMEM when pages cannot be had or locked (`ulimit -l`).
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dp_arena {
	uint8_t *bytes;
	size_t size_bytes;
	size_t used_bytes;
};

// Takes `size_bytes` of zeroed pages.
int dp_arena_init(struct dp_arena *arena, size_t size_bytes);

// Wipes and returns all of it. An arena that is all zero is left alone.
void dp_arena_fini(struct dp_arena *arena);

// Takes `n` zeroed bytes aligned to 64, or NULL when the arena is used up. There is no way to give a part back.
void *dp_arena_take(struct dp_arena *arena, size_t n);

// What taking `n` bytes costs.
static inline size_t dp_arena_cost(size_t n)
{
	return (n + 63) & ~(size_t)63;
}

// Locks memory that a library took for keys, and keeps its pages out of core dumps. The library's owner wipes it.
int dp_arena_shield(const void *object, size_t n);
