// SPDX-License-Identifier: GPL-3.0-or-later
#include "psi/psi.h"

#include "psi/policy.h"

// Without a CAT for this many PATs the input has none, and ours goes with the PAT.
enum { PATS_WITHOUT_CAT = 5 };

static void drop(struct dp_input *input, enum dp_drop reason)
{
	input->stats.drops[reason]++;
}

// Whose section it is, for the assembler's callbacks.
struct origin {
	struct dp_input *input;
	uint16_t pid;
};

static void on_pat(void *context, const uint8_t *section, size_t n)
{
	struct dp_input *input = ((const struct origin *)context)->input;

	if (input->cat_seen && ++input->pats_without_cat > PATS_WITHOUT_CAT) {
		input->cat_seen = false;
		dp_psi_cat(input, NULL, 0);
	}
	dp_psi_pat(input, section, n);
}

static void on_cat(void *context, const uint8_t *section, size_t n)
{
	struct dp_input *input = ((const struct origin *)context)->input;

	input->cat_seen = true;
	input->pats_without_cat = 0;
	dp_psi_cat(input, section, n);
	for (unsigned i = 0; i < input->outputs; i++)
		input->output[i]->emit_cat = true;
	input->emits = true;
}

static void on_pmt(void *context, const uint8_t *section, size_t n)
{
	const struct origin *origin = context;

	dp_psi_pmt(origin->input, origin->pid, section, n);
}

static void on_sdt(void *context, const uint8_t *section, size_t n)
{
	dp_psi_sdt(((const struct origin *)context)->input, section, n);
}

void dp_psi_packet(struct dp_input *input, const uint8_t *packet)
{
	struct origin origin = {input, ts_packet_pid(packet)};
	const struct dp_pid *pid = &input->pid[origin.pid];
	struct ts_section_assembler *assembler;
	ts_section_fn *take;

	switch (pid->action) {
	case DP_ACTION_PAT:
		assembler = &input->pat_assembler;
		take = on_pat;
		break;
	case DP_ACTION_CAT:
		assembler = &input->cat_assembler;
		take = on_cat;
		break;
	case DP_ACTION_SDT:
		assembler = &input->sdt_assembler;
		take = on_sdt;
		break;
	default:
		assembler = &input->service[pid->service]->assembler;
		take = on_pmt;
		break;
	}
	uint64_t broken = assembler->counts.broken;

	ts_section_feed(assembler, packet, take, &origin);
	if (assembler->counts.broken != broken)
		drop(input, DP_DROP_PSI_BROKEN);
}

void dp_psi_init(struct dp_input *input)
{
	dp_psi_map(input);
	dp_psi_cat(input, NULL, 0);
}

static void claim(struct dp_input *input, struct dp_service *service, uint16_t index, const struct dp_stream *stream)
{
	struct dp_pid *pid = &input->pid[stream->pid];
	uint8_t action = stream->policy == DP_POLICY_SCRAMBLED ? DP_ACTION_SCRAMBLE : DP_ACTION_CLEAR;

	if (stream->pid <= TS_PID_SI_LAST || stream->pid >= TS_PID_NULL || pid->action == DP_ACTION_PMT) {
		service->stats.pid_conflicts++;
		return;
	}
	if (pid->action == DP_ACTION_SCRAMBLE || pid->action == DP_ACTION_CLEAR) {
		// Two services name the PID: scrambled wins, and of two that scramble the first.
		service->stats.pid_conflicts++;
		if (pid->action == DP_ACTION_SCRAMBLE || action == DP_ACTION_CLEAR)
			return;
	}
	pid->action = action;
	pid->service = index;
}

// A PCR PID that is no elementary stream of anybody is one of its service's, and what payload it has is scrambled.
static void claim_pcr(struct dp_input *input, struct dp_service *service, uint16_t index)
{
	struct dp_pid *pid = &input->pid[service->pcr_pid];

	if (service->pcr_pid <= TS_PID_SI_LAST || service->pcr_pid >= TS_PID_NULL)
		return;
	if (pid->action == DP_ACTION_UNKNOWN) {
		pid->action = service->conf->clear_service ? DP_ACTION_CLEAR : DP_ACTION_SCRAMBLE;
		pid->service = index;
	}
	pid->pcr = true;
}

// Those of the scrambled services go first: of two that name a PID, scrambled wins.
static void claim_pcrs(struct dp_input *input, bool clear)
{
	for (unsigned i = 0; i < input->services; i++)
		if (input->service[i]->pmt_pid && input->service[i]->conf->clear_service == clear)
			claim_pcr(input, input->service[i], (uint16_t)i);
}

static void pass(struct dp_input *input, const uint16_t *pids, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (input->pid[pids[i]].action == DP_ACTION_UNKNOWN)
			input->pid[pids[i]].action = DP_ACTION_SI;
}

static void reset(struct dp_input *input)
{
	for (unsigned i = 0; i < TS_PIDS; i++) {
		input->pid[i].action = i <= TS_PID_SI_LAST ? DP_ACTION_SI : DP_ACTION_UNKNOWN;
		input->pid[i].pcr = false;
		input->pid[i].service = 0;
	}
	input->pid[TS_PID_PAT].action = DP_ACTION_PAT;
	input->pid[TS_PID_CAT].action = DP_ACTION_CAT;
	input->pid[TS_PID_SDT].action = DP_ACTION_SDT;
	input->pid[TS_PID_NULL].action = DP_ACTION_NULL;
}

void dp_psi_map(struct dp_input *input)
{
	reset(input);
	for (unsigned i = 0; i < input->services; i++) {
		const struct dp_service *service = input->service[i];

		if (service->pmt_pid && input->pid[service->pmt_pid].action == DP_ACTION_UNKNOWN) {
			input->pid[service->pmt_pid].action = DP_ACTION_PMT;
			input->pid[service->pmt_pid].service = (uint16_t)i;
		}
	}
	for (unsigned i = 0; i < input->services; i++) {
		struct dp_service *service = input->service[i];

		if (!service->pmt_pid)
			continue;
		for (unsigned k = 0; k < service->streams_n; k++)
			claim(input, service, (uint16_t)i, &service->stream[k]);
	}
	claim_pcrs(input, false);
	claim_pcrs(input, true);
	for (unsigned i = 0; i < input->services; i++) {
		const struct dp_service *service = input->service[i];

		if (service->pmt_pid)
			pass(input, service->kept_ca_pid, service->kept_ca_n);
	}
	pass(input, input->emm_pid, input->emm_n);
}
