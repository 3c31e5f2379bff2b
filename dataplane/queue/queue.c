// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/queue.h"

#include <errno.h>
#include <string.h>

enum { PACKET_BITS = 8 * TS_PACKET_BYTES, SAVED_BITS = 2 * PACKET_BITS, SLICES_PER_SECOND = 10 };

// The slowest output's distance behind main.
unsigned dp_queue_waiting(const struct dp_queue *queue)
{
	unsigned tail = atomic_load_explicit(&queue->tail, memory_order_relaxed), most = 0;

	for (unsigned i = 0; i < queue->cursors; i++) {
		// Acquire: what the worker has read of a place is read before main writes it anew.
		unsigned waiting = tail - atomic_load_explicit(&queue->cursor[i]->head, memory_order_acquire);

		most = waiting > most ? waiting : most;
	}
	return most;
}

int dp_queue_put(struct dp_queue *queue, const uint8_t *packet)
{
	unsigned tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);

	if (dp_queue_waiting(queue) >= DP_QUEUE_PKTS)
		return -ENOSPC;
	memcpy(queue->pkt[tail % DP_QUEUE_PKTS], packet, TS_PACKET_BYTES);
	atomic_store_explicit(&queue->tail, tail + 1, memory_order_release);
	return 0;
}

// Adds what the time since the last look has earned.
static void fill(const struct dp_queue *queue, struct dp_queue_cursor *cursor, uint64_t tick, uint64_t hz)
{
	uint64_t ticks = tick - cursor->filled_tick, most = hz / SLICES_PER_SECOND;

	if (!cursor->started)
		ticks = 0;
	cursor->started = true;
	cursor->filled_tick = tick;
	if (ticks == 0)
		return;
	uint64_t earned = (ticks < most ? ticks : most) * queue->rate_kbps * 1000 + cursor->part;

	if (cursor->budget_bits > SAVED_BITS)
		cursor->budget_bits = SAVED_BITS;
	cursor->budget_bits += earned / hz;
	cursor->part = earned % hz;
}

bool dp_queue_due(const struct dp_queue *queue, struct dp_queue_cursor *cursor, uint64_t tick, uint64_t hz)
{
	unsigned head = atomic_load_explicit(&cursor->head, memory_order_relaxed);

	fill(queue, cursor, tick, hz);
	return cursor->budget_bits >= PACKET_BITS && head != atomic_load_explicit(&queue->tail, memory_order_acquire);
}

unsigned dp_queue_skip(const struct dp_queue *queue, struct dp_queue_cursor *cursor)
{
	unsigned head = atomic_load_explicit(&cursor->head, memory_order_relaxed);
	unsigned waiting = atomic_load_explicit(&queue->tail, memory_order_relaxed) - head;
	unsigned most = DP_QUEUE_PKTS - DP_QUEUE_ROOM_PKTS;

	if (waiting <= most)
		return 0;
	atomic_store_explicit(&cursor->head, head + (waiting - most), memory_order_release);
	return waiting - most;
}

void dp_queue_take(const struct dp_queue *queue, struct dp_queue_cursor *cursor, uint8_t *out)
{
	unsigned head = atomic_load_explicit(&cursor->head, memory_order_relaxed);

	memcpy(out, queue->pkt[head % DP_QUEUE_PKTS], TS_PACKET_BYTES);
	ts_packet_set_pid(out, queue->pid);
	ts_packet_set_cc(out, cursor->cc++);
	cursor->budget_bits -= PACKET_BITS;
	atomic_store_explicit(&cursor->head, head + 1, memory_order_release);
}
