// SPDX-License-Identifier: GPL-3.0-or-later
#include "emmg/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ts_section.h>

// What came together stays together.
struct cas_queue_block {
	struct cas_queue_block *next;
	size_t n, at;
	uint8_t bytes[];
};

void cas_queue_init(struct cas_queue *queue)
{
	*queue = (struct cas_queue){.last = &queue->first};
}

static void drop_first(struct cas_queue *queue)
{
	struct cas_queue_block *block = queue->first;

	queue->first = block->next;
	if (!queue->first)
		queue->last = &queue->first;
	free(block);
}

void cas_queue_fini(struct cas_queue *queue)
{
	while (queue->first)
		drop_first(queue);
}

int cas_queue_add(struct cas_queue *queue, const uint8_t *bytes, size_t n, size_t count)
{
	struct cas_queue_block *block = NULL;

	if (n <= CAS_QUEUE_BYTES_MAX - queue->bytes)
		block = malloc(sizeof(*block) + n);
	if (!block) {
		queue->refused += count;
		return n <= CAS_QUEUE_BYTES_MAX - queue->bytes ? -ENOMEM : -ENOSPC;
	}
	block->next = NULL;
	block->n = n;
	block->at = 0;
	memcpy(block->bytes, bytes, n);
	*queue->last = block;
	queue->last = &block->next;
	queue->bytes += n;
	queue->sections += count;
	return 0;
}

const uint8_t *cas_queue_first(const struct cas_queue *queue, size_t *n)
{
	const struct cas_queue_block *block = queue->first;

	if (!block)
		return NULL;
	*n = ts_section_bytes(block->bytes + block->at);
	return block->bytes + block->at;
}

void cas_queue_pop(struct cas_queue *queue)
{
	struct cas_queue_block *block = queue->first;
	size_t n = ts_section_bytes(block->bytes + block->at);

	block->at += n;
	queue->bytes -= n;
	queue->sections--;
	if (block->at == block->n)
		drop_first(queue);
}
