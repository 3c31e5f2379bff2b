// SPDX-License-Identifier: GPL-3.0-or-later
// Output datagrams opened, laid and closed.
#include "stage/place.h"

#include <string.h>

#include "port/header.h"
#include "stage/note.h"
#include "stats/delay.h"

static struct dp_dgram *begin(struct dp_worker *worker, struct dp_output *output)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->tx_pool);

	if (!mbuf)
		return NULL;
	uint8_t *bytes = (uint8_t *)rte_pktmbuf_append(mbuf, (uint16_t)(output->header_bytes + DP_DGRAM_TS_BYTES));
	struct dp_dgram *dgram = dp_dgram_of(mbuf);

	memcpy(bytes, output->header, sizeof(output->header)); // what is too much is written over
	dgram->output = output;
	dgram->ts = bytes + output->header_bytes;
	dgram->slots = 0;
	dgram->pending = 0;
	dgram->nulls = 0;
	dgram->serial = ++worker->datagram_serial;
	dgram->sampled = dp_delay_samples(dgram->serial);
	dgram->delays = 0;
	dgram->oldest_tick = 0;
	output->open = mbuf;
	return dgram;
}

// Until its packet is sealed the slot is a null packet by its header; the words that the guard looks at are those of
// one too.
static void lay_waiting(struct dp_worker *worker, struct dp_dgram *dgram, const struct dp_held_pkt *held, unsigned slot)
{
	unsigned offset = (unsigned)ts_packet_payload_offset(held->bytes);
	unsigned covered = dp_algorithm_covers((enum dp_algorithm)held->key->algorithm, TS_PACKET_BYTES - offset);
	uint8_t *ts = dgram->ts + slot * TS_PACKET_BYTES;

	dgram->kind[slot] = DP_SLOT_WAITS;
	dgram->pending++;
	memcpy(ts, worker->null_packet, TS_HEADER_BYTES);
	dp_note_take(&dgram->note[slot], held->bytes, ts, offset, covered, worker->note_turn++);
	dp_delay_note(dgram, held->service, dp_dgram_of(held->mbuf)->arrived_tick);
	dp_stage_take_lane(worker, dgram, held, slot, offset);
}

static void lay_copy(struct dp_dgram *dgram, const struct dp_held_pkt *held, unsigned slot)
{
	memcpy(dgram->ts + slot * TS_PACKET_BYTES, held->bytes, TS_PACKET_BYTES);
	dgram->kind[slot] = DP_SLOT_COPIED;
	dp_delay_note(dgram, held->service, dp_dgram_of(held->mbuf)->arrived_tick);
	dp_dgram_let_go(held->mbuf);
}

static void lay_null(const struct dp_worker *worker, struct dp_dgram *dgram, unsigned slot)
{
	memcpy(dgram->ts + slot * TS_PACKET_BYTES, worker->null_packet, TS_PACKET_BYTES);
	dgram->kind[slot] = DP_SLOT_NULL;
	dgram->nulls++;
}

static void lay(struct dp_worker *worker, struct dp_dgram *dgram, const struct dp_held_pkt *held, unsigned slot)
{
	if (held->key)
		lay_waiting(worker, dgram, held, slot);
	else if (held->bytes)
		lay_copy(dgram, held, slot);
	else
		lay_null(worker, dgram, slot);
}

// Nothing of the datagram has been laid, or there would be a buffer.
static void lose(struct dp_output *output)
{
	dp_count(&output->stats.drops[DP_DROP_NO_BUFFER], output->slots);
	for (unsigned i = 0; i < output->slots; i++)
		if (output->held[i].bytes)
			dp_dgram_let_go(output->held[i].mbuf);
	output->slots = 0;
}

bool dp_place_lay(struct dp_worker *worker, struct dp_output *output)
{
	struct dp_dgram *dgram = output->open ? dp_dgram_of(output->open) : begin(worker, output);

	if (!dgram) {
		lose(output);
		return false;
	}
	for (; dgram->slots < output->slots; dgram->slots++)
		lay(worker, dgram, &output->held[dgram->slots], dgram->slots);
	return true;
}

void dp_stage_lay(struct dp_worker *worker, const struct dp_group *group)
{
	for (unsigned i = 0; i < group->outputs; i++)
		if (group->output[i]->slots)
			dp_place_lay(worker, group->output[i]);
}

uint8_t *dp_place_put(struct dp_worker *worker, struct dp_output *output, const uint8_t *packet, enum dp_slot_kind kind)
{
	if (output->slots == DP_DGRAM_SLOTS)
		dp_stage_close(worker, output, false);
	if (!dp_place_lay(worker, output)) {
		dp_count(&output->stats.drops[DP_DROP_NO_BUFFER], 1);
		return NULL;
	}
	struct dp_dgram *dgram = dp_dgram_of(output->open);
	uint8_t *slot = dgram->ts + dgram->slots * TS_PACKET_BYTES;

	if (output->slots++ == 0)
		output->opened_tick = worker->now_tick;
	dgram->kind[dgram->slots++] = (uint8_t)kind;
	memcpy(slot, packet, TS_PACKET_BYTES);
	if (output->slots == DP_DGRAM_SLOTS)
		dp_stage_close(worker, output, false);
	return slot;
}

static void cut_off(struct rte_mbuf *mbuf, const struct dp_output *output)
{
	rte_pktmbuf_trim(mbuf, (uint16_t)((DP_DGRAM_SLOTS - output->slots) * TS_PACKET_BYTES));
	if (output->header_bytes)
		dp_header_resize(rte_pktmbuf_mtod(mbuf, uint8_t *), output->header_bytes,
				 output->slots * TS_PACKET_BYTES);
}

static void fill_up(const struct dp_worker *worker, struct dp_dgram *dgram)
{
	for (; dgram->slots < DP_DGRAM_SLOTS; dgram->slots++)
		lay_null(worker, dgram, dgram->slots);
}

void dp_stage_close(struct dp_worker *worker, struct dp_output *output, bool cut)
{
	if (!dp_place_lay(worker, output))
		return;
	if (cut)
		cut_off(output->open, output);
	else
		fill_up(worker, dp_dgram_of(output->open));
	worker->closed[worker->closed_tail++ & worker->closed_mask] = output->open;
	output->open = NULL;
	output->slots = 0;
}
