// SPDX-License-Identifier: GPL-3.0-or-later
// The cipher's call, and sealing: only after its payload is final does a slot get the header that makes it content.
#include "stage/stage.h"

#include <string.h>

#include "fault/fault.h"

// Gives the lane's slot header, adaptation field and parity, unless the cipher or the key failed it.
static void seal(const struct dp_lane *lane, const struct dp_lane_owner *owner)
{
	const struct dp_key *key = dp_key_of(lane->key);
	uint8_t *slot = lane->dst - owner->offset, header[TS_HEADER_BYTES];

	owner->dgram->pending--;
	if (!lane->done || !key->live)
		return;
	memcpy(header, lane->src - owner->offset, sizeof(header));
	ts_packet_set_tsc(header, key->tsc);
	memcpy(slot, header, sizeof(header));
	if (owner->offset > sizeof(header))
		memcpy(slot + sizeof(header), lane->src - owner->offset + sizeof(header),
		       owner->offset - sizeof(header));
	owner->dgram->kind[owner->slot] = DP_SLOT_SEALED;
	if (dp_algorithm_covers((enum dp_algorithm)key->algorithm, lane->n))
		dp_count(&owner->service->stats.scrambled_pkts, 1);
	else
		dp_count(&owner->service->stats.untouched_pkts, 1);
}

// What a defect in a cipher or a key slot would do to a lane.
static void inject(struct dp_lane *lane, unsigned i)
{
	if (i % 50)
		return;
	if (DP_FAULT(SKIP_LANE))
		memcpy(lane->dst, lane->src, lane->n);
	if (DP_FAULT(ZERO_MASK))
		memcpy(lane->dst + lane->n / 2, lane->src + lane->n / 2, lane->n - lane->n / 2u);
	if (DP_FAULT(UNWRITTEN))
		memset(lane->dst, 0xFF, lane->n);
	if (DP_FAULT(LOST_KEY))
		lane->done = false;
}

// Smallest i with n <= 2^i.
static unsigned log2_up(unsigned n)
{
	return n > 1 ? 32 - (unsigned)__builtin_clz(n - 1) : 0;
}

static void count(struct dp_worker *worker, struct dp_batch *batch, uint64_t ticks)
{
	bool full = batch->n == batch->ops->lanes;

	dp_count(&worker->stats.batches, 1);
	dp_count(&worker->stats.lanes, batch->n);
	dp_count(&worker->stats.keys, batch->keys);
	dp_count(&batch->stats.batches, 1);
	dp_count(&batch->stats.lanes, batch->n);
	dp_count(&batch->stats.keys, batch->keys);
	dp_count(&batch->stats.ticks, ticks);
	dp_count(&batch->stats.full, full);
	dp_count(&batch->stats.full_ticks, full ? ticks : 0);
	dp_count(&batch->stats.fill[(batch->n * DP_BATCH_FILLS - 1) / batch->ops->lanes], 1);
	dp_count(&batch->stats.by_keys[log2_up(batch->keys)], 1);
}

void dp_stage_scramble(struct dp_worker *worker, struct dp_batch *batch)
{
	struct rte_mbuf *done[DP_CIPHER_LANES_MAX];
	unsigned n_done = 0;
	uint64_t began = worker->lap_tick;

	if (batch->n == 0)
		return;
	dp_cipher_scramble(batch->ops, batch->scratch, batch->lane, batch->n);
	for (unsigned i = 0; i < batch->n; i++) {
		inject(&batch->lane[i], i);
		seal(&batch->lane[i], &batch->owner[i]);
		if (dp_dgram_done(batch->owner[i].mbuf))
			done[n_done++] = batch->owner[i].mbuf;
	}
	rte_pktmbuf_free_bulk(done, n_done);
	dp_worker_lap(worker, DP_STAGE_SCRAMBLE);
	count(worker, batch, worker->lap_tick - began);
	batch->n = 0;
	batch->keys = 0;
	batch->serial++;
	worker->now_tick = worker->lap_tick; // a call may take long, and later lanes are not that old
}

void dp_stage_flush(struct dp_worker *worker)
{
	dp_stage_batch(worker);
	for (unsigned i = 0; i < DP_ALGORITHMS; i++)
		dp_stage_scramble(worker, &worker->batch[i]);
}
