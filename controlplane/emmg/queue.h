// SPDX-License-Identifier: GPL-3.0-or-later
// EMM sections that wait to be sent, each once. They outlive the connection: what was not sent stays.
//
// Threads: the loop's. Owns: copies of the sections.
// Errors: -ENOSPC more than CAS_QUEUE_BYTES_MAX would wait, -ENOMEM; then none of the sections was taken.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CAS_QUEUE_BYTES_MAX (8u << 20)

struct cas_queue_block;

struct cas_queue {
	struct cas_queue_block *first, **last;
	size_t bytes, sections;
	uint64_t refused; // sections that found no room
};

void cas_queue_init(struct cas_queue *queue);
void cas_queue_fini(struct cas_queue *queue);

// Adds `count` checked sections in `n` bytes (BORROWED), one after the other.
int cas_queue_add(struct cas_queue *queue, const uint8_t *bytes, size_t n, size_t count);
// The oldest section and its size, BORROWED until the next call; NULL when there is none.
const uint8_t *cas_queue_first(const struct cas_queue *queue, size_t *n);
void cas_queue_pop(struct cas_queue *queue);
