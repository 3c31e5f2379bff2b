// SPDX-License-Identifier: GPL-3.0-or-later
// A place in an output datagram for every packet, in the order of the input. Every slot is born a null packet.
//
// At a constant rate, which null packets in the input tell, as many packets leave as came: what is dropped or shrinks
// becomes a null packet, and what grows takes the place of the next null packet, so that PCRs keep their places.
#include "stage/place.h"

// A packet that stays clear, unless the guard knows better.
static bool copy(struct dp_worker *worker, struct dp_output *output, const uint8_t *packet)
{
	if (dp_guard_forbids(output->input, packet)) {
		dp_count(&output->stats.drops[DP_DROP_GUARD_PID], 1);
		return false;
	}
	return dp_place_put(worker, output, packet, DP_SLOT_COPIED) != NULL;
}

static void slot_null(struct dp_worker *worker, struct dp_input *input)
{
	if (input->outputs != 1)
		return;
	if (input->output[0]->balance > 0) {
		input->output[0]->balance--;
		return;
	}
	dp_place_null(worker, input->output[0]);
}

// Sends packets made here, with the PID and continuity_counter of their stream; how many found room.
static int put_packets(struct dp_worker *worker, struct dp_output *output, const struct dp_packets *packets,
		       uint16_t pid, uint8_t *cc)
{
	int sent = 0;

	for (unsigned i = 0; i < packets->n; i++) {
		uint8_t *packet = dp_place_put(worker, output, packets->bytes[i], DP_SLOT_PSI);

		if (!packet)
			continue;
		ts_packet_set_pid(packet, pid);
		ts_packet_set_cc(packet, (*cc)++);
		sent++;
	}
	dp_count(&output->stats.psi_pkts, (unsigned)sent);
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

		if (service->emit && service->pmt_pid && !service->output->own[service->pmt_pid].mine)
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
	uint16_t pid = ts_packet_pid(pkt->bytes);

	for (unsigned i = 0; i < pkt->input->services && !output->own[pid].mine; i++) {
		const struct dp_service *service = pkt->input->service[i];

		if (service->output == output && service->pmt_pid && service->pcr_pid == pid)
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
			sent += dp_place_put(worker, output, packet, DP_SLOT_COPIED) != NULL;
	}
	return sent;
}

// ECMs and EMMs of the input go where they are kept, unless the output writes their PID itself.
static bool keeps(const struct dp_output *output, const struct dp_pkt *pkt)
{
	return output->keeps_ca && !output->own[ts_packet_pid(pkt->bytes)].mine;
}

static int slot_scramble(struct dp_worker *worker, struct dp_pkt *pkt)
{
	const struct dp_cipher_ops *ops = pkt->service->period->slot.ops;
	unsigned covered = dp_algorithm_covers(ops->algorithm, TS_PACKET_BYTES - pkt->offset);

	pkt->dgram = dp_place_take(worker, pkt->service->output, DP_SLOT_WAITS, &pkt->slot);
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
				sent += keeps(input->output[k], pkt) && copy(worker, input->output[k], pkt->bytes);
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
		dp_place_settle(worker, input->output[0], sent - 1);
	}
}
