// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of each transport packet, and with which key.
#include "stage/stage.h"

#include "fault/fault.h"
#include "psi/psi.h"
#include "stage/place.h"

// sync_byte, no transport_error_indicator, transport_scrambling_control 0, adaptation_field_control 1.
#define PLAIN_MASK UINT32_C(0xFF8000F0)
#define PLAIN      UINT32_C(0x47000010)

// table_ids of SI (ETSI EN 300 468 table 2) and of CA (ETSI TS 101 197: ECM and EMM).
enum { SI_FIRST = 0x40, SI_LAST = 0x7F, CA_FIRST = 0x80, CA_LAST = 0x8F };

static void refuse(struct dp_pkt *pkt, enum dp_drop reason)
{
	pkt->kind = DP_KIND_GONE;
	if (pkt->service)
		dp_count(&pkt->service->stats.drops[reason], 1);
	else
		dp_count(&pkt->input->stats.drops[reason], 1);
}

// Feeds the PCR to the groups it drives. True when one of them has something to do before this packet.
static bool take_pcr(struct dp_worker *worker, struct dp_pkt *pkt, uint16_t pid)
{
	struct dp_input *input = pkt->input;
	bool due = false;
	uint64_t pcr;

	if (!ts_packet_pcr(pkt->bytes, &pcr))
		return false;
	DP_PSI_EACH_PCR_USER(service, input, pid)
	{
		if (!service->clock_source)
			continue;
		if (!pkt->clocked)
			dp_media_clock_pcr(&service->period->media, worker->clock, pcr,
					   ts_packet_discontinuity(pkt->bytes), worker->now_tick,
					   service->period->offline);
		due |= dp_stage_due(service->group);
	}
	pkt->clocked = true;
	return due;
}

static void advance(struct dp_worker *worker, struct dp_input *input, uint16_t pid)
{
	dp_worker_lap(worker, DP_STAGE_CLASSIFY);
	DP_PSI_EACH_PCR_USER(service, input, pid)
	if (service->clock_source && dp_stage_due(service->group))
		dp_stage_advance(worker, service->group);
}

// Follows the continuity_counter of a packet with payload. True when it repeats the one before.
static bool follow_cc(struct dp_pid *pid, struct dp_service *service, const uint8_t *packet)
{
	uint8_t cc = (uint8_t)ts_packet_cc(packet), last = pid->last_cc;
	bool seen = pid->seen;

	pid->last_cc = cc;
	pid->seen = true;
	if (!seen || ts_packet_discontinuity(packet))
		return false;
	if (cc == last) {
		dp_count(&service->stats.duplicates, 1);
		return true;
	}
	if (cc != ((last + 1) & 0x0F))
		dp_count(&service->stats.continuity_errors, 1);
	return false;
}

// A duplicate leaves with the key of its original, though an edge lies between them.
static struct dp_key *choose_key(struct dp_pid *pid, const struct dp_keyslot *slot, bool duplicate)
{
	uint32_t generation = slot->current_generation;

	if (duplicate && (uint8_t)(generation - 1) == pid->generation && dp_keyslot_of(slot, generation - 1))
		return dp_keyslot_of(slot, generation - 1);
	pid->generation = (uint8_t)generation;
	return dp_keyslot_current(slot);
}

static bool fault_hits(struct dp_worker *worker, unsigned every)
{
	return ++worker->note_turn % every == 0;
}

static void copy(struct dp_pkt *pkt)
{
	dp_count(&pkt->service->stats.clear_pkts, 1);
	pkt->kind = DP_KIND_COPY;
}

static void scramble(struct dp_pkt *pkt, struct dp_pid *pid, bool duplicate)
{
	struct dp_period *period = pkt->service->period;

	if (!period->on_air)
		period->on_air = true;
	pkt->key = choose_key(pid, &period->slot, duplicate);
	if (pkt->key)
		pkt->kind = DP_KIND_SCRAMBLE;
	else
		refuse(pkt, period->running ? DP_DROP_NO_KEY : DP_DROP_AWAITS_PERIOD);
}

// What most packets are: clear, with a payload and no adaptation field, of an elementary stream, and next in its order.
// Decided here in a few steps, as decide() would in more.
static bool decide_plain(struct dp_pkt *pkt)
{
	struct dp_pid *pid = pkt->pid;
	uint32_t header = pkt->header;

	if (DP_FAULT(DROP))
		return false;
	if (DP_FAULT(WRONG_KIND))
		return false;
	if ((header & PLAIN_MASK) != PLAIN || (pid->action != DP_ACTION_SCRAMBLE && pid->action != DP_ACTION_CLEAR) ||
	    !pid->seen || (header & 0x0F) != ((pid->last_cc + 1u) & 0x0F))
		return false;
	pid->last_cc = header & 0x0F;
	pkt->service = pkt->input->service[pid->service];
	dp_count(&pkt->service->stats.in_pkts, 1);
	if (pid->action == DP_ACTION_SCRAMBLE)
		scramble(pkt, pid, false);
	else
		copy(pkt);
	return true;
}

static void elementary(struct dp_worker *worker, struct dp_pkt *pkt, struct dp_pid *pid)
{
	struct dp_service *service = pkt->input->service[pid->service];
	int offset = ts_packet_payload_offset(pkt->bytes);

	pkt->service = service;
	dp_count(&service->stats.in_pkts, 1);
	if (offset < 0) {
		refuse(pkt, DP_DROP_BAD_ADAPTATION);
		return;
	}
	// continuity_counter counts packets that may have a payload, though it be empty.
	bool payload = offset < TS_PACKET_BYTES;
	bool duplicate = (ts_packet_afc(pkt->bytes) & TS_AFC_PAYLOAD) && follow_cc(pid, service, pkt->bytes);

	if (DP_FAULT(DROP) && fault_hits(worker, 500)) {
		pkt->kind = DP_KIND_GONE;
		return;
	}
	if (pid->action == DP_ACTION_CLEAR || (!payload && ts_packet_tsc(pkt->bytes) == TS_TSC_CLEAR) ||
	    (DP_FAULT(WRONG_KIND) && fault_hits(worker, 50))) {
		copy(pkt);
		return;
	}
	if (ts_packet_tsc(pkt->bytes) != TS_TSC_CLEAR) {
		refuse(pkt, DP_DROP_ALREADY_SCRAMBLED);
		return;
	}
	scramble(pkt, pid, duplicate);
}

// True for packets of sections with these table_ids, which is all that passes on a PID of SI or CA. What begins
// otherwise, a PES packet before all, is not let through, and neither is what follows it.
static bool of_sections(struct dp_pid *pid, const uint8_t *packet, uint8_t first, uint8_t last)
{
	int offset = ts_packet_payload_offset(packet);

	if (offset < 0 || offset >= TS_PACKET_BYTES || ts_packet_tsc(packet) != TS_TSC_CLEAR)
		return false;
	if (ts_packet_unit_start(packet)) {
		unsigned table_id = (unsigned)offset + 1u + packet[offset]; // behind pointer_field

		pid->sections = table_id < TS_PACKET_BYTES && packet[table_id] >= first && packet[table_id] <= last;
	}
	return pid->sections;
}

static void tables(struct dp_pkt *pkt, struct dp_pid *pid)
{
	bool si = pid->action == DP_ACTION_SI;

	if (of_sections(pid, pkt->bytes, si ? SI_FIRST : CA_FIRST, si ? SI_LAST : CA_LAST))
		pkt->kind = si ? DP_KIND_COPY_ALL : DP_KIND_COPY_CA;
	else
		refuse(pkt, DP_DROP_NOT_SECTION);
}

// What has a payload is nobody's stream; where an adaptation field does not fit, a payload may stand behind it.
static void pcr_alone(struct dp_pkt *pkt)
{
	int offset = ts_packet_payload_offset(pkt->bytes);

	if (offset < 0)
		refuse(pkt, DP_DROP_BAD_ADAPTATION);
	else if (offset < TS_PACKET_BYTES)
		refuse(pkt, DP_DROP_PID_UNKNOWN);
	else
		pkt->kind = DP_KIND_COPY_PCR;
}

// A rate that begins to be constant owes nothing.
static void take_null(struct dp_input *input)
{
	if (input->outputs == 1 && !dp_place_constant(input))
		input->output[0]->balance = 0;
	dp_count(&input->stats.null_pkts, 1);
	input->null_at = input->stats.in_pkts;
}

static void decide(struct dp_worker *worker, struct dp_pkt *pkt, struct dp_pid *pid)
{
	struct dp_input *input = pkt->input;

	switch ((enum dp_action)pid->action) {
	case DP_ACTION_SCRAMBLE:
	case DP_ACTION_CLEAR:
		elementary(worker, pkt, pid);
		break;
	case DP_ACTION_SI:
	case DP_ACTION_CA:
		tables(pkt, pid);
		break;
	case DP_ACTION_PCR:
		pcr_alone(pkt);
		break;
	case DP_ACTION_NULL:
		take_null(input);
		pkt->kind = DP_KIND_NULL;
		break;
	case DP_ACTION_PAT:
	case DP_ACTION_CAT:
	case DP_ACTION_SDT:
	case DP_ACTION_PMT:
		dp_psi_packet(input, pkt->bytes);
		pkt->kind = input->emits ? DP_KIND_EMIT : DP_KIND_GONE;
		break;
	case DP_ACTION_UNKNOWN:
		refuse(pkt, DP_DROP_PID_UNKNOWN);
		break;
	}
}

static bool goes_to_many(const struct dp_pkt *pkt)
{
	return pkt->clocked || pkt->kind == DP_KIND_COPY_ALL || pkt->kind == DP_KIND_COPY_CA ||
	       pkt->kind == DP_KIND_COPY_PCR;
}

// Packets ahead of which the service, and then what it leads to are fetched, each when the one before is here: the
// state of many services is not in the first cache.
enum { AHEAD_SERVICE = 12, AHEAD_OUTPUT = 6 };

static void fetch_service(struct dp_pkt *pkt)
{
	if (pkt->pid->action != DP_ACTION_SCRAMBLE && pkt->pid->action != DP_ACTION_CLEAR)
		return;
	pkt->fetched = pkt->input->service[pkt->pid->service];
	__builtin_prefetch(pkt->fetched, 1);
}

static void fetch_output(const struct dp_pkt *pkt)
{
	if (!pkt->fetched)
		return;
	__builtin_prefetch(pkt->fetched->output, 1);
	__builtin_prefetch(pkt->fetched->period);
}

unsigned dp_stage_classify(struct dp_worker *worker, unsigned first)
{
	for (unsigned i = first; i < worker->pkts; i++) {
		struct dp_pkt *pkt = &worker->pkt[i];

		if (i + AHEAD_SERVICE < worker->pkts)
			fetch_service(pkt + AHEAD_SERVICE);
		if (i + AHEAD_OUTPUT < worker->pkts)
			fetch_output(pkt + AHEAD_OUTPUT);
		struct dp_input *input = pkt->input;

		if (decide_plain(pkt)) {
			dp_count(&input->stats.in_pkts, 1);
			continue;
		}
		struct dp_pid *pid = pkt->pid;
		bool usable = ts_packet_synced(pkt->bytes) && !ts_packet_error_indicator(pkt->bytes);

		// A table may change the map under which packets before it still have to get their slots.
		if (usable && i != first && pid->action >= DP_ACTION_PAT)
			return i;
		if (usable && pid->pcr && take_pcr(worker, pkt, ts_packet_pid(pkt->bytes))) {
			if (i != first)
				return i;
			advance(worker, input, ts_packet_pid(pkt->bytes));
		}
		dp_count(&input->stats.in_pkts, 1);
		if (!usable) {
			refuse(pkt, ts_packet_synced(pkt->bytes) ? DP_DROP_TRANSPORT_ERROR : DP_DROP_LOST_SYNC);
			continue;
		}
		decide(worker, pkt, pid);
		if (pkt->kind == DP_KIND_EMIT || (input->outputs > 1 && goes_to_many(pkt)))
			return i + 1;
	}
	return worker->pkts;
}
