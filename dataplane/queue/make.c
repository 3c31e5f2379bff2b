// SPDX-License-Identifier: GPL-3.0-or-later
// A queue's memory; what the worker calls is in queue.c.
#include <errno.h>
#include <stdlib.h>

#include "queue/queue.h"

int dp_queue_init(struct dp_queue *queue, uint16_t pid, uint16_t rate_kbps, unsigned cursors)
{
	*queue = (struct dp_queue){.pid = pid, .rate_kbps = rate_kbps, .cursors = cursors};
	queue->cursor = calloc(cursors + 1, sizeof(*queue->cursor));
	queue->pkt = calloc(DP_QUEUE_PKTS, sizeof(*queue->pkt));
	if (queue->cursor && queue->pkt)
		return 0;
	dp_queue_fini(queue);
	return -ENOMEM;
}

void dp_queue_fini(struct dp_queue *queue)
{
	free(queue->cursor);
	free(queue->pkt);
	*queue = (struct dp_queue){0};
}
