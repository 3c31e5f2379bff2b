// SPDX-License-Identifier: GPL-3.0-or-later
// What is not in the input: ECMs on the media time of their group, EMMs at the rate of their stream.
#include "psi/psi.h"
#include "stage/place.h"

enum { MEDIA_HZ = 27000000 };

// The rate is that of an input that flows; what is sent while it does not is owed to nobody.
static void settle(struct dp_worker *worker, struct dp_output *output, int sent)
{
	if (!output->pace || !output->pace->period.media.on_wall)
		dp_place_settle(worker, output, sent);
}

static bool names(const struct dp_service *service, uint16_t pid)
{
	for (unsigned i = 0; i < service->conf->ca_n; i++)
		if (service->conf->ca[i].ecm_pid == pid)
			return true;
	return false;
}

// True when a service of the group that is in the output has its ECMs on this PID. Elsewhere nobody looks for them,
// and the PID may be that of another group, or of EMMs.
static bool wanted(const struct dp_group *group, const struct dp_output *output, uint16_t pid)
{
	const struct dp_service *service = *dp_psi_group_list(output->input, group);

	while (service && (service->group != group || service->output != output || !names(service, pid)))
		service = service->group_next;
	return service != NULL;
}

// One ECM into one output.
static void put_ecm(struct dp_worker *worker, struct dp_output *output, const struct dp_ecm_set *ecms,
		    const struct dp_ecm *ecm)
{
	struct dp_own *own = &output->own[ecm->pid];
	int sent = 0;

	for (unsigned i = ecm->first_pkt; i < ecm->first_pkt + ecm->pkts; i++) {
		uint8_t *packet = dp_place_put(worker, output, ecms->pkt[i], DP_SLOT_PSI);

		if (!packet)
			continue;
		ts_packet_set_pid(packet, ecm->pid);
		ts_packet_set_cc(packet, own->cc++);
		sent++;
	}
	dp_count(&output->stats.ecm_pkts, (unsigned)sent);
	settle(worker, output, sent);
}

// Datagrams that were filled here must not use up the buffers.
static void make_room(struct dp_worker *worker)
{
	if (dp_worker_has_room(worker))
		return;
	dp_stage_flush(worker);
	dp_stage_tx(worker);
}

static void insert_ecms(struct dp_worker *worker, struct dp_group *group)
{
	const struct dp_ecm_set *ecms;
	const struct dp_ecm *ecm;

	if (!dp_carousel_due(&group->carousel, &group->period))
		return;
	while ((ecm = dp_carousel_take(&group->carousel, &group->period, &ecms))) {
		for (unsigned i = 0; i < group->outputs; i++)
			if (wanted(group, group->output[i], ecm->pid))
				put_ecm(worker, group->output[i], ecms, ecm);
		make_room(worker);
	}
	dp_period_publish(&group->period);
}

static bool insert_emms(struct dp_worker *worker, struct dp_output *output, uint64_t tick, uint64_t hz)
{
	uint8_t packet[TS_PACKET_BYTES];
	bool any = false;

	for (unsigned i = 0; i < output->emms; i++) {
		struct dp_output_emm *emm = &output->emm[i];
		int sent = 0;

		while (dp_queue_due(emm->queue, emm->cursor, tick, hz)) {
			dp_queue_take(emm->queue, emm->cursor, packet);
			sent += dp_place_put(worker, output, packet, DP_SLOT_PSI) != NULL;
			make_room(worker);
		}
		dp_count(&output->stats.emm_pkts, (unsigned)sent);
		settle(worker, output, sent);
		any |= sent != 0;
	}
	return any;
}

bool dp_stage_due(struct dp_group *group)
{
	return dp_period_due(&group->period) || dp_carousel_due(&group->carousel, &group->period) ||
	       (group->paces_emms && group->period.offline);
}

void dp_stage_announce(struct dp_worker *worker, struct dp_group *group)
{
	for (unsigned i = 0; i < group->outputs; i++) {
		struct dp_output *output = group->output[i];

		for (unsigned k = 0; k < output->input->services; k++) {
			struct dp_service *service = output->input->service[k];

			if (service->group != group || service->output != output)
				continue;
			dp_psi_pmt_scrambling(service);
			dp_stage_put_pmt(worker, service);
		}
		make_room(worker);
	}
}

// What waits under the key on air may go on waiting: that one lives on as the previous. The one before it dies, if it
// has not done so yet.
static void flip(struct dp_worker *worker, struct dp_group *group)
{
	enum dp_algorithm before = dp_period_algorithm(&group->period, group->algorithm);

	if (dp_keyslot_previous(&group->period.slot)) {
		dp_stage_lay(worker, group);
		dp_stage_flush(worker);
	}
	dp_period_flip(&group->period);
	dp_carousel_flip(&group->carousel, &group->period);
	if (dp_period_algorithm(&group->period, before) != before)
		dp_stage_announce(worker, group);
}

void dp_stage_advance(struct dp_worker *worker, struct dp_group *group)
{
	insert_ecms(worker, group);
	if (dp_period_due(&group->period)) {
		flip(worker, group);
		insert_ecms(worker, group);
	}
	for (unsigned i = 0; group->period.offline && i < group->outputs; i++)
		if (group->output[i]->pace == group)
			insert_emms(worker, group->output[i], group->period.media.now_27mhz, MEDIA_HZ);
	dp_worker_lap(worker, DP_STAGE_INSERT);
}

static void skip_emms(struct dp_output *output)
{
	for (unsigned i = 0; i < output->emms; i++)
		dp_count(&output->stats.drops[DP_DROP_EMM_SKIPPED],
			 dp_queue_skip(output->emm[i].queue, output->emm[i].cursor));
}

void dp_stage_emms(struct dp_worker *worker)
{
	bool any = false;

	worker->lap_tick = base_clock_tsc();
	for (unsigned i = 0; i < worker->roster.outputs; i++) {
		struct dp_output *output = worker->roster.output[i];

		if (!output->emms)
			continue;
		if (output->input->port->offline)
			skip_emms(output);
		else
			any |= insert_emms(worker, output, worker->now_tick, worker->clock->tsc_hz);
	}
	if (any)
		dp_worker_lap(worker, DP_STAGE_INSERT);
}
