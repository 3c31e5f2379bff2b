// SPDX-License-Identifier: GPL-3.0-or-later
// A place in an output datagram for every packet, in the order of the input. Every slot is born a null packet.
//
// At a constant rate, which null packets in the input tell, as many packets leave as came: what is dropped or shrinks
// becomes a null packet, and what grows takes the place of the next null packet, so that PCRs keep their places.
#include "stage/stage.h"

#include <string.h>

#include <ts_section.h>

#include "port/header.h"

enum { BALANCE_MAX = 1000 };

// Opens a datagram of seven null packets behind the output's header; NULL when there is no buffer.
static struct rte_mbuf *open_datagram(struct dp_worker *worker, struct dp_output *output)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->tx_pool);

	if (!mbuf)
		return NULL;
	uint8_t *bytes = (uint8_t *)rte_pktmbuf_append(mbuf, (uint16_t)(output->header_bytes + DP_DGRAM_TS_BYTES));
	struct dp_dgram *dgram = dp_dgram_of(mbuf);

	memcpy(bytes, output->header, output->header_bytes);
	memcpy(bytes + output->header_bytes, worker->null_slots, DP_DGRAM_TS_BYTES);
	dgram->output = output;
	dgram->ts = bytes + output->header_bytes;
	dgram->slots = 0;
	dgram->pending = 0;
	dgram->opened_tick = worker->now_tick;
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
		for (; dgram->slots < DP_DGRAM_SLOTS; dgram->slots++)
			dgram->kind[dgram->slots] = DP_SLOT_NULL;
	}
	output->open = NULL;
	worker->closed[worker->closed_tail++ & worker->closed_mask] = mbuf;
}

// Takes the next slot of the output. NULL when there is no buffer: the packet is lost, and counted.
static struct dp_dgram *take(struct dp_worker *worker, struct dp_output *output, enum dp_slot_kind kind, uint8_t *slot)
{
	struct rte_mbuf *mbuf = output->open ? output->open : open_datagram(worker, output);

	if (!mbuf) {
		output->stats.drops[DP_DROP_NO_BUFFER]++;
		return NULL;
	}
	struct dp_dgram *dgram = dp_dgram_of(mbuf);

	*slot = dgram->slots++;
	dgram->kind[*slot] = (uint8_t)kind;
	if (dgram->slots == DP_DGRAM_SLOTS)
		dp_stage_close(worker, output, false);
	return dgram;
}

static void put_null(struct dp_worker *worker, struct dp_output *output)
{
	uint8_t slot;

	take(worker, output, DP_SLOT_NULL, &slot);
}

static uint8_t *put(struct dp_worker *worker, struct dp_output *output, const uint8_t *packet, enum dp_slot_kind kind)
{
	uint8_t slot;
	struct dp_dgram *dgram = take(worker, output, kind, &slot);

	return dgram ? memcpy(dgram->ts + slot * TS_PACKET_BYTES, packet, TS_PACKET_BYTES) : NULL;
}

// A packet that stays clear, unless the guard knows better.
static bool copy(struct dp_worker *worker, struct dp_output *output, const uint8_t *packet)
{
	if (dp_guard_forbids(output->input, packet)) {
		output->stats.drops[DP_DROP_GUARD_PID]++;
		return false;
	}
	return put(worker, output, packet, DP_SLOT_COPIED) != NULL;
}

static bool constant_rate(const struct dp_input *input)
{
	return input->outputs == 1 && input->since_null < DP_SINCE_NULL_MAX;
}

// `sent` packets went out for one that came in.
static void settle(struct dp_worker *worker, struct dp_input *input, int sent)
{
	struct dp_output *output = input->output[0];

	if (!constant_rate(input)) {
		output->balance = 0;
		return;
	}
	output->balance += sent - 1;
	if (output->balance > BALANCE_MAX)
		output->balance = BALANCE_MAX;
	for (; output->balance < 0; output->balance++)
		put_null(worker, output);
}

static void slot_null(struct dp_worker *worker, struct dp_input *input)
{
	if (input->outputs != 1)
		return;
	if (input->output[0]->balance > 0) {
		input->output[0]->balance--;
		return;
	}
	put_null(worker, input->output[0]);
}

// Sends packets made here, with the PID and continuity_counter of their stream; how many found room.
static int put_packets(struct dp_worker *worker, struct dp_output *output, const struct dp_packets *packets,
		       uint16_t pid, uint8_t *cc)
{
	int sent = 0;

	for (unsigned i = 0; i < packets->n; i++) {
		uint8_t *packet = put(worker, output, packets->bytes[i], DP_SLOT_PSI);

		if (!packet)
			continue;
		ts_packet_set_pid(packet, pid);
		ts_packet_set_cc(packet, (*cc)++);
		sent++;
	}
	output->stats.psi_pkts += (unsigned)sent;
	return sent;
}

static int emit_output(struct dp_worker *worker, struct dp_output *output)
{
	int sent = 0;

	if (output->emit_pat)
		sent += put_packets(worker, output, &output->pat.packets, TS_PID_PAT, &output->pat.cc);
	if (output->emit_cat)
		sent += put_packets(worker, output, &output->cat.packets, TS_PID_CAT, &output->cat.cc);
	sent += put_packets(worker, output, &output->si, TS_PID_SDT, &output->sdt_cc);
	output->emit_pat = output->emit_cat = false;
	output->si.n = 0;
	return sent;
}

// PMTs of several services in one output may share a PID, and then its continuity_counter: the first service's counts.
static uint8_t *pmt_cc(struct dp_input *input, const struct dp_service *service)
{
	unsigned i = 0;

	// The service itself ends the search.
	while (input->service[i]->output != service->output || input->service[i]->pmt_pid != service->pmt_pid)
		i++;
	return &input->service[i]->pmt.cc;
}

static int emit(struct dp_worker *worker, struct dp_input *input)
{
	int sent = 0;

	for (unsigned i = 0; i < input->outputs; i++)
		sent += emit_output(worker, input->output[i]);
	for (unsigned i = 0; i < input->services; i++) {
		struct dp_service *service = input->service[i];

		if (service->emit && service->pmt_pid)
			sent += put_packets(worker, service->output, &service->pmt.packets, service->pmt_pid,
					    pmt_cc(input, service));
		service->emit = false;
	}
	input->emits = false;
	return sent;
}

// True when a service of the output takes its PCR from the packet's PID.
static bool takes_pcr(const struct dp_output *output, const struct dp_pkt *pkt)
{
	for (unsigned i = 0; i < pkt->input->services; i++) {
		const struct dp_service *service = pkt->input->service[i];

		if (service->output == output && service->pmt_pid && service->pcr_pid == ts_packet_pid(pkt->bytes))
			return true;
	}
	return false;
}

// A stream goes to one output, or to none when no service has it; services elsewhere that take their PCR from it get
// the PCR alone.
static int put_pcrs(struct dp_worker *worker, const struct dp_pkt *pkt)
{
	uint8_t packet[TS_PACKET_BYTES];
	int sent = 0;

	ts_packet_pcr_only(packet, pkt->bytes);
	for (unsigned i = 0; i < pkt->input->outputs; i++) {
		struct dp_output *output = pkt->input->output[i];

		if ((!pkt->service || pkt->service->output != output) && takes_pcr(output, pkt))
			sent += put(worker, output, packet, DP_SLOT_COPIED) != NULL;
	}
	return sent;
}

static int slot_scramble(struct dp_worker *worker, struct dp_pkt *pkt)
{
	const struct dp_cipher_ops *ops = pkt->service->period->slot.ops;
	unsigned covered = dp_cipher_covers(ops, TS_PACKET_BYTES - pkt->offset);

	pkt->dgram = take(worker, pkt->service->output, DP_SLOT_WAITS, &pkt->slot);
	if (!pkt->dgram) {
		pkt->kind = DP_KIND_GONE;
		return 0;
	}
	pkt->dgram->pending++;
	dp_guard_note(&pkt->dgram->note[pkt->slot], pkt->bytes, pkt->offset, covered, worker->note_turn++);
	return 1;
}

void dp_stage_slot(struct dp_worker *worker, unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++) {
		struct dp_pkt *pkt = &worker->pkt[i];
		struct dp_input *input = pkt->input;
		int sent = 0;

		switch ((enum dp_kind)pkt->kind) {
		case DP_KIND_NULL:
			slot_null(worker, input);
			continue;
		case DP_KIND_SCRAMBLE:
			sent = slot_scramble(worker, pkt);
			break;
		case DP_KIND_COPY:
			sent = copy(worker, pkt->service->output, pkt->bytes);
			break;
		case DP_KIND_COPY_ALL:
			for (unsigned k = 0; k < input->outputs; k++)
				sent += copy(worker, input->output[k], pkt->bytes);
			break;
		case DP_KIND_COPY_CA:
			for (unsigned k = 0; k < input->outputs; k++)
				sent += input->output[k]->keeps_ca && copy(worker, input->output[k], pkt->bytes);
			break;
		case DP_KIND_COPY_PCR:
			for (unsigned k = 0; k < input->outputs; k++)
				sent += takes_pcr(input->output[k], pkt) && copy(worker, input->output[k], pkt->bytes);
			break;
		case DP_KIND_EMIT:
			sent = emit(worker, input);
			break;
		case DP_KIND_GONE:
			break;
		}
		if (pkt->clocked && pkt->kind != DP_KIND_COPY_PCR && (input->outputs > 1 || !pkt->service))
			sent += put_pcrs(worker, pkt);
		settle(worker, input, sent);
	}
}
