// SPDX-License-Identifier: GPL-3.0-or-later
// What follows when a service gets another configuration on air, and what an output writes itself.
#include <base_check.h>

#include "psi/policy.h"
#include "psi/psi.h"

static void own(struct dp_output *output, uint16_t pid)
{
	CHECK(pid < TS_PIDS);
	output->own[pid].mine = true;
}

static void own_pids(struct dp_output *output, const struct dp_service *service)
{
	const struct dp_conf_service *conf = service->conf;

	output->keeps_ca |= conf->keep_input_ca;
	for (unsigned i = 0; !conf->clear_service && i < conf->ca_n; i++)
		own(output, conf->ca[i].ecm_pid);
}

// Notes when the SDT of the output has other services to name, or another free_CA_mode to say.
static void follow_names(struct dp_output *output)
{
	uint32_t names = 1;

	for (unsigned i = 0; i < output->input->services; i++) {
		const struct dp_service *service = output->input->service[i];

		if (service->output == output)
			names = names * 65599 + service->conf->program_number * 2u + service->conf->clear_service;
	}
	output->sdt_shift += output->sdt_names && output->sdt_names != names;
	output->sdt_names = names;
}

void dp_psi_own(struct dp_output *output)
{
	follow_names(output);
	for (unsigned i = 0; i < TS_PIDS; i++)
		output->own[i].mine = false;
	output->keeps_ca = false;
	for (unsigned i = 0; i < output->emms; i++)
		own(output, output->emm[i].conf->pid);
	for (unsigned i = 0; i < output->input->services; i++)
		if (output->input->service[i]->output == output)
			own_pids(output, output->input->service[i]);
}

// A stream that is no longer let out in clear is scrambled from now on, whether its PMT is at hand or awaited.
static void tighten(struct dp_service *service)
{
	for (unsigned i = 0; i < service->streams_n; i++) {
		uint8_t *policy = &service->stream[i].policy;

		if ((*policy == DP_POLICY_TELETEXT && !service->conf->clear_teletext) ||
		    (*policy == DP_POLICY_SUBTITLES && !service->conf->clear_subtitles))
			*policy = DP_POLICY_SCRAMBLED;
	}
}

void dp_psi_service_again(struct dp_service *service, const struct dp_service *from)
{
	if (from && from->pmt_pid && from->pmt_pid == service->pmt_pid)
		service->pmt = from->pmt;
	tighten(service);
	dp_psi_pmt_again(service);
}
