// SPDX-License-Identifier: GPL-3.0-or-later
// Lanes from all services of the worker, in the batch of their algorithm.
#include "stage/stage.h"

static void add(struct dp_worker *worker, struct dp_batch *batch, const struct dp_pkt *pkt)
{
	unsigned lane = batch->n++;

	struct dp_period *period = pkt->service->period;

	if (lane == 0)
		batch->oldest_tick = worker->now_tick;
	batch->keys += period->batch_serial != batch->serial;
	period->batch_serial = batch->serial;
	batch->lane[lane] = (struct dp_lane){
		.src = pkt->bytes + pkt->offset,
		.dst = pkt->dgram->ts + pkt->slot * TS_PACKET_BYTES + pkt->offset,
		.key = pkt->key->record,
		.n = (uint8_t)(TS_PACKET_BYTES - pkt->offset),
	};
	batch->owner[lane] = (struct dp_lane_owner){
		.bytes = pkt->bytes,
		.mbuf = pkt->mbuf,
		.dgram = pkt->dgram,
		.service = pkt->service,
		.key = pkt->key,
		.offset = pkt->offset,
		.slot = pkt->slot,
	};
	dp_dgram_of(pkt->mbuf)->users++;
}

void dp_stage_batch(struct dp_worker *worker, unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++) {
		const struct dp_pkt *pkt = &worker->pkt[i];

		if (pkt->kind != DP_KIND_SCRAMBLE)
			continue;
		struct dp_batch *batch = &worker->batch[pkt->key->algorithm];

		add(worker, batch, pkt);
		if (batch->n == batch->ops->lanes) {
			dp_worker_lap(worker, DP_STAGE_BATCH);
			dp_stage_scramble(worker, batch);
		}
	}
}
