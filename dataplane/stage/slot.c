// SPDX-License-Identifier: GPL-3.0-or-later
// A place in an output datagram for every packet, in the order of the input.
//
// At a constant rate, which null packets in the input tell, as many packets leave as came: what is dropped or shrinks
// becomes a null packet, and what grows takes the place of the next null packet, so that PCRs keep their places.
#include "psi/psi.h"
#include "stage/place.h"

// True for what would stay clear though the guard knows better.
static inline bool forbidden(struct dp_output *output, const uint8_t *packet)
{
	if (!dp_guard_forbids(output->input, packet))
		return false;
	dp_count(&output->stats.drops[DP_DROP_GUARD_PID], 1);
	return true;
}

static bool copy(struct dp_worker *worker, struct dp_output *output, const uint8_t *packet)
{
	return !forbidden(output, packet) && dp_place_put(worker, output, packet, DP_SLOT_COPIED);
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

// Sends packets made here, with the PID and the continuity_counter of that PID; how many found room.
static int put_packets(struct dp_worker *worker, struct dp_output *output, const struct dp_packets *packets,
		       uint16_t pid)
{
	int sent = 0;

	for (unsigned i = 0; i < packets->n; i++) {
		uint8_t *packet = dp_place_put(worker, output, packets->bytes[i], DP_SLOT_PSI);

		if (!packet)
			continue;
		ts_packet_set_pid(packet, pid);
		ts_packet_set_cc(packet, output->own[pid].cc++);
		sent++;
	}
	dp_count(&output->stats.psi_pkts, (unsigned)sent);
	return sent;
}

static int emit_output(struct dp_worker *worker, struct dp_output *output)
{
	int sent = 0;

	if (output->emit_pat)
		sent += put_packets(worker, output, &output->pat.packets, TS_PID_PAT);
	if (output->emit_cat)
		sent += put_packets(worker, output, &output->cat.packets, TS_PID_CAT);
	sent += put_packets(worker, output, &output->si, TS_PID_SDT);
	output->emit_pat = output->emit_cat = false;
	output->si.n = 0;
	return sent;
}

static int emit_pmt(struct dp_worker *worker, struct dp_service *service)
{
	int sent = 0;

	if (service->emit && service->pmt_pid && !service->output->own[service->pmt_pid].mine)
		sent = put_packets(worker, service->output, &service->pmt.packets, service->pmt_pid);
	service->emit = false;
	return sent;
}

void dp_stage_put_pmt(struct dp_worker *worker, struct dp_service *service)
{
	dp_place_settle(worker, service->output, emit_pmt(worker, service));
}

// Tables that are marked go out: at a packet of PMTs those of its PID, else all.
static int emit(struct dp_worker *worker, struct dp_input *input, const struct dp_pid *pid)
{
	int sent = 0;

	input->emits = false;
	if (pid->action == DP_ACTION_PMT) {
		for (struct dp_service *service = input->service[pid->service]; service; service = service->pmt_next)
			sent += emit_pmt(worker, service);
		return sent;
	}
	for (unsigned i = 0; i < input->outputs; i++)
		sent += emit_output(worker, input->output[i]);
	for (unsigned i = 0; i < input->services; i++)
		sent += emit_pmt(worker, input->service[i]);
	return sent;
}

// True for the service by which an output gets the PCR of the PID.
static bool passes_pcr(const struct dp_service *service, uint16_t pid)
{
	return service->passes_pcr && !service->output->own[pid].mine;
}

// A packet of PCR alone: to the outputs of the services that take their PCR from it.
static int copy_pcr(struct dp_worker *worker, const struct dp_pkt *pkt)
{
	uint16_t pid = ts_packet_pid(pkt->bytes);
	int sent = 0;

	DP_PSI_EACH_PCR_USER(service, pkt->input, pid)
	sent += passes_pcr(service, pid) && copy(worker, service->output, pkt->bytes);
	return sent;
}

// A stream goes to one output, or to none when no service has it; services elsewhere that take their PCR from it get
// the PCR alone.
static int put_pcrs(struct dp_worker *worker, const struct dp_pkt *pkt)
{
	uint16_t pid = ts_packet_pid(pkt->bytes);
	uint8_t packet[TS_PACKET_BYTES];
	int sent = 0;

	ts_packet_pcr_only(packet, pkt->bytes);
	DP_PSI_EACH_PCR_USER(service, pkt->input, pid)
	if (passes_pcr(service, pid) && (!pkt->service || pkt->service->output != service->output))
		sent += dp_place_put(worker, service->output, packet, DP_SLOT_COPIED) != NULL;
	return sent;
}

// ECMs and EMMs of the input go where they are kept, unless the output writes their PID itself.
static bool keeps(const struct dp_output *output, const struct dp_pkt *pkt)
{
	return output->keeps_ca && !output->own[ts_packet_pid(pkt->bytes)].mine;
}

static int hold(struct dp_worker *worker, const struct dp_pkt *pkt, struct dp_key *key)
{
	dp_place_hold(worker, pkt, key);
	return 1;
}

// Packets ahead whose places are fetched.
enum { AHEAD_HELD = 4 };

static void fetch_held(const struct dp_pkt *pkt)
{
	if (pkt->kind != DP_KIND_SCRAMBLE && pkt->kind != DP_KIND_COPY)
		return;
	const struct dp_output *output = pkt->service->output;

	__builtin_prefetch(&output->held[output->slots % DP_DGRAM_SLOTS], 1);
}

void dp_stage_slot(struct dp_worker *worker, unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++) {
		struct dp_pkt *pkt = &worker->pkt[i];

		if (i + AHEAD_HELD < end)
			fetch_held(pkt + AHEAD_HELD);
		struct dp_input *input = pkt->input;
		int sent = 0;

		switch ((enum dp_kind)pkt->kind) {
		case DP_KIND_NULL:
			slot_null(worker, input);
			continue;
		case DP_KIND_SCRAMBLE:
			sent = hold(worker, pkt, pkt->key);
			break;
		case DP_KIND_COPY:
			sent = !forbidden(pkt->service->output, pkt->bytes) && hold(worker, pkt, NULL);
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
			sent = copy_pcr(worker, pkt);
			break;
		case DP_KIND_EMIT:
			sent = emit(worker, input, &input->pid[ts_packet_pid(pkt->bytes)]);
			break;
		case DP_KIND_GONE:
			break;
		}
		if (pkt->clocked && pkt->kind != DP_KIND_COPY_PCR && (input->outputs > 1 || !pkt->service))
			sent += put_pcrs(worker, pkt);
		if (sent != 1)
			dp_place_settle(worker, input->output[0], sent - 1);
	}
}
