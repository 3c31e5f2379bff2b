// SPDX-License-Identifier: GPL-3.0-or-later
// Output datagrams opened and closed.
#include "stage/place.h"

#include <string.h>

#include "port/header.h"
#include "stats/delay.h"

struct rte_mbuf *dp_place_open(struct dp_worker *worker, struct dp_output *output)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->tx_pool);

	if (!mbuf)
		return NULL;
	uint8_t *bytes = (uint8_t *)rte_pktmbuf_append(mbuf, (uint16_t)(output->header_bytes + DP_DGRAM_TS_BYTES));
	struct dp_dgram *dgram = dp_dgram_of(mbuf);

	memcpy(bytes, output->header, output->header_bytes);
	dgram->output = output;
	dgram->ts = bytes + output->header_bytes;
	dgram->slots = 0;
	dgram->pending = 0;
	dgram->opened_tick = worker->now_tick;
	dgram->serial = ++worker->datagram_serial;
	dgram->sampled = dp_delay_samples(dgram->serial);
	dgram->delays = 0;
	dgram->oldest_tick = 0;
	output->open = mbuf;
	return mbuf;
}

void dp_stage_close(struct dp_worker *worker, struct dp_output *output, bool cut)
{
	struct rte_mbuf *mbuf = output->open;
	struct dp_dgram *dgram = dp_dgram_of(mbuf);

	if (cut) {
		rte_pktmbuf_trim(mbuf, (uint16_t)((DP_DGRAM_SLOTS - dgram->slots) * TS_PACKET_BYTES));
		if (output->header_bytes)
			dp_header_resize(rte_pktmbuf_mtod(mbuf, uint8_t *), output->header_bytes,
					 dgram->slots * TS_PACKET_BYTES);
	} else {
		for (; dgram->slots < DP_DGRAM_SLOTS; dgram->slots++) {
			memcpy(dgram->ts + dgram->slots * TS_PACKET_BYTES, worker->null_packet, TS_PACKET_BYTES);
			dgram->kind[dgram->slots] = DP_SLOT_NULL;
		}
	}
	output->open = NULL;
	worker->closed[worker->closed_tail++ & worker->closed_mask] = mbuf;
}
