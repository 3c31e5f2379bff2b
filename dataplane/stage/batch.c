// SPDX-License-Identifier: GPL-3.0-or-later
// Full datagrams are laid: their packets go into the lanes of their algorithms, those of all services of the worker
// together.
#include "stage/stage.h"

enum { LINE_BYTES = 64, KEY_BYTES = 4 * LINE_BYTES };

static void count_key(struct dp_batch *batch, struct dp_key *key)
{
	batch->keys += key->batch != batch->serial;
	key->batch = batch->serial;
}

void dp_stage_take_lane(struct dp_worker *worker, struct dp_dgram *dgram, const struct dp_held_pkt *held, unsigned slot,
			unsigned offset)
{
	struct dp_batch *batch = &worker->batch[held->key->algorithm];
	unsigned lane = batch->n++;

	if (lane == 0)
		batch->oldest_tick = worker->now_tick;
	count_key(batch, held->key);
	batch->lane[lane] = (struct dp_lane){
		.src = held->bytes + offset,
		.dst = dgram->ts + slot * TS_PACKET_BYTES + offset,
		.key = held->key->record,
		.n = (uint8_t)(TS_PACKET_BYTES - offset),
	};
	batch->owner[lane] = (struct dp_lane_owner){
		.mbuf = held->mbuf,
		.dgram = dgram,
		.service = held->service,
		.offset = (uint8_t)offset,
		.slot = (uint8_t)slot,
	};
	if (batch->n < batch->ops->lanes)
		return;
	dp_worker_lap(worker, DP_STAGE_BATCH);
	dp_stage_scramble(worker, batch);
}

// Datagrams ahead of which the packets, and first of all what is held of them, are fetched.
enum { AHEAD_HELD = 6, AHEAD_PACKETS = 3 };

static void fetch_held(const struct dp_output *output)
{
	for (size_t at = 0; at < sizeof(output->held); at += LINE_BYTES)
		__builtin_prefetch((const uint8_t *)output->held + at);
}

static void fetch_packet(const uint8_t *bytes)
{
	if (!bytes)
		return;
	for (unsigned at = 0; at < TS_PACKET_BYTES; at += LINE_BYTES)
		__builtin_prefetch(bytes + at);
	__builtin_prefetch(bytes + TS_PACKET_BYTES - 1);
}

// With the key of the first, which most often is that of all.
static void fetch_packets(const struct dp_output *output)
{
	const struct dp_key *key = output->held[0].key;

	for (size_t at = 0; key && at < KEY_BYTES; at += LINE_BYTES)
		__builtin_prefetch((const uint8_t *)key + at);
	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++)
		fetch_packet(output->held[i].bytes);
}

void dp_stage_batch(struct dp_worker *worker)
{
	for (unsigned i = 0; i < worker->full_n; i++) {
		if (i + AHEAD_HELD < worker->full_n)
			fetch_held(worker->full[i + AHEAD_HELD]);
		if (i + AHEAD_PACKETS < worker->full_n)
			fetch_packets(worker->full[i + AHEAD_PACKETS]);
		// It may have been closed since, to give its next slot.
		if (worker->full[i]->slots == DP_DGRAM_SLOTS)
			dp_stage_close(worker, worker->full[i], false);
	}
	worker->full_n = 0;
}
