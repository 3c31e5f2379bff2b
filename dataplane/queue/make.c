// SPDX-License-Identifier: GPL-3.0-or-later
// A queue's memory; what the worker calls is in queue.c.
#include <errno.h>
#include <stdlib.h>

#include <base_check.h>

#include "queue/queue.h"

int dp_queue_init(struct dp_queue *queue, uint16_t pid, uint16_t rate_kbps, unsigned cursors)
{
	*queue = (struct dp_queue){.pid = pid, .rate_kbps = rate_kbps};
	queue->pkt = calloc(DP_QUEUE_PKTS, sizeof(*queue->pkt));
	while (queue->pkt && queue->cursors < cursors && dp_queue_join(queue)) {
	}
	if (queue->pkt && queue->cursors == cursors)
		return 0;
	dp_queue_fini(queue);
	return -ENOMEM;
}

void dp_queue_fini(struct dp_queue *queue)
{
	for (unsigned i = 0; i < queue->cursors; i++)
		free(queue->cursor[i]);
	free(queue->cursor);
	free(queue->pkt);
	*queue = (struct dp_queue){0};
}

struct dp_queue_cursor *dp_queue_join(struct dp_queue *queue)
{
	struct dp_queue_cursor **list = realloc(queue->cursor, (queue->cursors + 1) * sizeof(struct dp_queue_cursor *));
	struct dp_queue_cursor *cursor = calloc(1, sizeof(*cursor));

	if (list)
		queue->cursor = list;
	if (!list || !cursor) {
		free(cursor);
		return NULL;
	}
	atomic_init(&cursor->head, atomic_load_explicit(&queue->tail, memory_order_relaxed));
	list[queue->cursors++] = cursor;
	return cursor;
}

void dp_queue_part(struct dp_queue *queue, struct dp_queue_cursor *cursor)
{
	unsigned i = 0;

	while (i < queue->cursors && queue->cursor[i] != cursor)
		i++;
	CHECK(i < queue->cursors);
	queue->cursor[i] = queue->cursor[--queue->cursors];
	free(cursor);
}
