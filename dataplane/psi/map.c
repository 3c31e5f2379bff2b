// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with every PID of an input. Nothing leaves but what a table explains, nothing becomes clear while the
// PMT of a scrambled service is still awaited, because that PMT may name the PID, and nothing takes a PID that its
// output writes itself.
#include <string.h>

#include "psi/policy.h"
#include "psi/psi.h"

// SI that passes as it is (ETSI EN 300 468 table 1): NIT, EIT, RST, TDT and TOT, RNT, DIT, SIT. PID 0x0011 is the
// SDT's.
static bool is_si(unsigned pid)
{
	return pid == TS_PID_NIT || (pid >= 0x12 && pid <= 0x14) || pid == 0x16 || pid == 0x1E || pid == 0x1F;
}

static bool is_elementary(uint16_t pid)
{
	return pid > TS_PID_SI_LAST && pid < TS_PID_NULL;
}

static void reset(struct dp_input *input)
{
	for (unsigned i = 0; i < TS_PIDS; i++) {
		struct dp_pid *pid = &input->pid[i];

		pid->was_clear = pid->action == DP_ACTION_CLEAR;
		// Counters of a PID that was no stream have not been followed.
		pid->seen = pid->seen && (pid->was_clear || pid->action == DP_ACTION_SCRAMBLE);
		// What began before the PID was one of tables says nothing of what follows.
		pid->sections = pid->sections && (pid->action == DP_ACTION_SI || pid->action == DP_ACTION_CA);
		pid->action = is_si(i) ? DP_ACTION_SI : DP_ACTION_UNKNOWN;
		pid->pcr = pid->barred = false;
		pid->service = 0;
	}
	input->pid[TS_PID_PAT].action = DP_ACTION_PAT;
	input->pid[TS_PID_CAT].action = DP_ACTION_CAT;
	input->pid[TS_PID_SDT].action = DP_ACTION_SDT;
	input->pid[TS_PID_NULL].action = DP_ACTION_NULL;
	input->conflicts = 0;
}

static void conflict(struct dp_service *service)
{
	dp_count(&service->stats.pid_conflicts, 1);
	service->input->conflicts++;
}

// True when the service's output writes the PID itself.
static bool owned(const struct dp_service *service, uint16_t pid)
{
	return service->output->own[pid].mine;
}

// A PMT on a PID that its output writes itself does not leave, but it is followed: who stopped listening would leave
// clear what it has made a stream to scramble since.
static void claim_pmts(struct dp_input *input)
{
	for (unsigned i = input->services; i-- > 0;) {
		struct dp_service *service = input->service[i];
		struct dp_pid *pid = &input->pid[service->pmt_pid];

		service->pmt_next = NULL;
		if (!service->pmt_pid)
			continue;
		if (owned(service, service->pmt_pid))
			conflict(service);
		if (pid->action == DP_ACTION_PMT)
			service->pmt_next = input->service[pid->service];
		if (pid->action == DP_ACTION_UNKNOWN || pid->action == DP_ACTION_PMT) {
			pid->action = DP_ACTION_PMT;
			pid->service = (uint16_t)i; // the first of them, in the end
		}
	}
}

static bool awaits_pmt(const struct dp_input *input)
{
	for (unsigned i = 0; i < input->services; i++)
		if (input->service[i]->awaits_pmt && !input->service[i]->conf->clear_service)
			return true;
	return false;
}

// True when the service gets the stream with another one that has claimed it: in the same output, and with the same
// key or like it in clear.
static bool is_shared(const struct dp_service *service, const struct dp_pid *pid, bool scramble)
{
	const struct dp_service *holder = service->input->service[pid->service];

	return holder->output == service->output && holder->group == service->group &&
	       scramble == (pid->action == DP_ACTION_SCRAMBLE);
}

static void claim(struct dp_service *service, uint16_t index, const struct dp_stream *stream, bool awaiting)
{
	struct dp_pid *pid = &service->input->pid[stream->pid];
	bool scramble = stream->policy == DP_POLICY_SCRAMBLED;

	if (!is_elementary(stream->pid) || pid->action == DP_ACTION_PMT) {
		// A table's PID is no stream's; what a PMT calls a stream does not pass as SI.
		conflict(service);
		if (pid->action == DP_ACTION_SI)
			pid->action = DP_ACTION_UNKNOWN;
		return;
	}
	if (owned(service, stream->pid)) {
		// The stream is lost to this service. Who else names it may have it scrambled, but not clear.
		conflict(service);
		pid->barred |= scramble;
		if (pid->barred && pid->action == DP_ACTION_CLEAR)
			pid->action = DP_ACTION_UNKNOWN;
		return;
	}
	if (pid->barred && !scramble) {
		conflict(service);
		return;
	}
	if (pid->action != DP_ACTION_UNKNOWN && is_shared(service, pid, scramble))
		return;
	if (pid->action != DP_ACTION_UNKNOWN) {
		// Two services name the PID: scrambled wins, and of two that scramble the first.
		conflict(service);
		if (pid->action == DP_ACTION_SCRAMBLE || !scramble)
			return;
	}
	if (!scramble && awaiting && !pid->was_clear)
		return;
	pid->action = scramble ? DP_ACTION_SCRAMBLE : DP_ACTION_CLEAR;
	pid->service = index;
}

static void claim_streams(struct dp_input *input)
{
	bool awaiting = awaits_pmt(input);

	for (unsigned i = 0; i < input->services; i++) {
		struct dp_service *service = input->service[i];

		for (unsigned k = 0; service->pmt_pid && k < service->streams_n; k++)
			claim(service, (uint16_t)i, &service->stream[k], awaiting);
	}
}

// Of the services of an output that take their PCR from one PID, the first passes it on.
static bool is_first(const struct dp_input *input, const struct dp_service *service)
{
	DP_PSI_EACH_PCR_USER(other, input, service->pcr_pid)
	if (other->output == service->output)
		return other == service;
	return false;
}

// Lists the services by the PID of their PCR, so that a PCR in an input of many services finds those it is for.
static void list_pcrs(struct dp_input *input)
{
	memset(input->pcr_user, 0, sizeof(input->pcr_user));
	for (unsigned i = input->services; i-- > 0;) {
		struct dp_service *service = input->service[i];
		struct dp_service **list = &input->pcr_user[service->pcr_pid % DP_PCR_LISTS];

		if (!service->pmt_pid || !is_elementary(service->pcr_pid))
			continue;
		service->pcr_next = *list;
		*list = service;
	}
	for (unsigned i = 0; i < input->services; i++)
		input->service[i]->passes_pcr = is_first(input, input->service[i]);
}

// Lists the services by their group, so that an ECM finds those it is for.
static void list_groups(struct dp_input *input)
{
	memset(input->group_user, 0, sizeof(input->group_user));
	for (unsigned i = 0; i < input->services; i++) {
		struct dp_service **list = dp_psi_group_list(input, input->service[i]->group);

		input->service[i]->group_next = *list;
		*list = input->service[i];
	}
}

// A PCR PID that is no stream of anybody carries PCRs and no payload.
static void claim_pcrs(struct dp_input *input)
{
	list_pcrs(input);
	for (unsigned i = 0; i < input->services; i++) {
		struct dp_service *service = input->service[i];
		struct dp_pid *pid = &input->pid[service->pcr_pid];

		if (!service->pmt_pid || !is_elementary(service->pcr_pid))
			continue;
		if (owned(service, service->pcr_pid))
			conflict(service);
		else if (pid->action == DP_ACTION_UNKNOWN && !pid->barred)
			pid->action = DP_ACTION_PCR;
		pid->pcr = true;
	}
}

static void keep(struct dp_input *input, uint16_t pid)
{
	struct dp_pid *entry = &input->pid[pid];

	if (is_elementary(pid) && entry->action == DP_ACTION_UNKNOWN && !entry->barred)
		entry->action = DP_ACTION_CA;
}

static void keep_ecms(struct dp_input *input)
{
	for (unsigned i = 0; i < input->services; i++) {
		struct dp_service *service = input->service[i];

		for (unsigned k = 0; service->pmt_pid && k < service->kept_ca_n; k++) {
			if (owned(service, service->kept_ca_pid[k]))
				conflict(service);
			keep(input, service->kept_ca_pid[k]);
		}
	}
}

// EMMs of the input go to every output that keeps its CA, but for one that writes the PID itself.
static void keep_emms(struct dp_input *input)
{
	for (unsigned i = 0; i < input->emm_n; i++) {
		for (unsigned k = 0; k < input->services; k++)
			if (input->service[k]->conf->keep_input_ca && owned(input->service[k], input->emm_pid[i]))
				conflict(input->service[k]);
		keep(input, input->emm_pid[i]);
	}
}

void dp_psi_map(struct dp_input *input)
{
	reset(input);
	claim_pmts(input);
	claim_streams(input);
	claim_pcrs(input);
	list_groups(input);
	keep_ecms(input);
	keep_emms(input);
	for (unsigned i = 0; i < input->services; i++) {
		struct dp_service *service = input->service[i];

		dp_view_publish(&service->view, service->pmt_pid, service->stream, service->streams_n, service->pmt.raw,
				service->pmt.raw_bytes);
	}
}
