// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <string.h>

#include <ts_pmt.h>

#include "psi/policy.h"
#include "psi/psi.h"

// Memory for the rewritten descriptor loops of one PMT.
struct loops {
	uint8_t bytes[DP_TABLE_MAX_BYTES];
	size_t used;
};

static bool strips(const struct dp_service *service, uint8_t tag)
{
	if (service->conf->clear_service)
		return false;
	return tag == TS_DESC_SCRAMBLING || (tag == TS_DESC_CA && !service->conf->keep_input_ca);
}

// Copies a loop without the descriptors that are stripped; -ENOSPC.
static int copy_loop(struct loops *loops, const struct dp_service *service, const struct ts_desc_loop *loop)
{
	struct ts_desc desc;
	size_t position = 0;

	while (ts_desc_next(loop, &position, &desc) > 0) {
		size_t n = 2u + desc.n;

		if (strips(service, desc.tag))
			continue;
		if (n > sizeof(loops->bytes) - loops->used)
			return -ENOSPC;
		memcpy(loops->bytes + loops->used, desc.bytes - 2, n);
		loops->used += n;
	}
	return 0;
}

// The CA_descriptors of the service and its scrambling_descriptor, in the programme loop.
static int add_ca(struct loops *loops, const struct dp_service *service)
{
	const struct dp_conf_service *conf = service->conf;
	enum dp_algorithm algorithm = dp_period_algorithm(service->period, conf->algorithm);
	int n;

	for (unsigned i = 0; i < conf->ca_n; i++) {
		struct ts_desc_ca ca = {.ca_system_id = conf->ca[i].ca_system_id,
					.pid = conf->ca[i].ecm_pid,
					.private_bytes = conf->ca[i].private_bytes,
					.private_n = conf->ca[i].private_n};

		n = ts_desc_ca_write(loops->bytes + loops->used, sizeof(loops->bytes) - loops->used, &ca);
		if (n < 0)
			return n;
		loops->used += (size_t)n;
	}
	n = ts_desc_scrambling_write(loops->bytes + loops->used, sizeof(loops->bytes) - loops->used,
				     dp_algorithm[algorithm].scrambling_mode);
	if (n < 0)
		return n;
	loops->used += (size_t)n;
	return 0;
}

static int rewrite_loop(struct loops *loops, const struct dp_service *service, struct ts_desc_loop *loop, bool program)
{
	size_t start = loops->used;
	int rc = copy_loop(loops, service, loop);

	if (!rc && program && !service->conf->clear_service)
		rc = add_ca(loops, service);
	*loop = (struct ts_desc_loop){loops->bytes + start, loops->used - start};
	return rc;
}

static int make(struct dp_service *service, const struct ts_pmt *pmt)
{
	struct ts_pmt out = *pmt;
	struct loops loops = {.used = 0};
	uint8_t section[DP_TABLE_MAX_BYTES];
	int rc = rewrite_loop(&loops, service, &out.info, true);

	for (size_t i = 0; i < out.n && !rc; i++)
		rc = rewrite_loop(&loops, service, &out.stream[i].info, false);
	if (rc)
		return rc;
	rc = ts_pmt_write(section, sizeof(section), &out);
	if (rc < 0)
		return rc;
	dp_table_make(&service->pmt, section, (size_t)rc, pmt->version);
	return 0;
}

// ECM PIDs of the input, when they are kept.
static void keep_ca(struct dp_service *service, const struct ts_desc_loop *loop)
{
	struct ts_desc desc;
	struct ts_desc_ca ca;
	size_t position = 0;

	while (service->conf->keep_input_ca && ts_desc_next(loop, &position, &desc) > 0)
		if (desc.tag == TS_DESC_CA && ts_desc_ca_parse(&ca, &desc) == 0 && service->kept_ca_n < DP_CONF_CA_MAX)
			service->kept_ca_pid[service->kept_ca_n++] = ca.pid;
}

static void follow(struct dp_service *service, const struct ts_pmt *pmt)
{
	const struct dp_policy_profile profile = {service->conf->clear_service, service->conf->clear_teletext,
						  service->conf->clear_subtitles};

	service->awaits_pmt = false;
	service->pcr_pid = pmt->pcr_pid;
	service->kept_ca_n = 0;
	keep_ca(service, &pmt->info);
	service->streams_n = (uint8_t)pmt->n;
	for (size_t i = 0; i < pmt->n; i++) {
		service->stream[i] = (struct dp_stream){.pid = pmt->stream[i].pid,
							.stream_type = pmt->stream[i].stream_type,
							.policy = (uint8_t)dp_policy_of(&pmt->stream[i], &profile)};
		keep_ca(service, &pmt->stream[i].info);
	}
}

// The service that the section names and that the PAT puts on this PID, or NULL: several programmes may share a PMT
// PID, and a section for a programme whose PMT is elsewhere says nothing.
static struct dp_service *find(struct dp_input *input, uint16_t pid, const uint8_t *section)
{
	uint16_t program_number = base_bytes_get16(section + 3);

	struct dp_service *service = input->service[input->pid[pid].service];

	while (service && service->conf->program_number != program_number)
		service = service->pmt_next;
	return service;
}

static void rewrite(struct dp_service *service, const struct ts_pmt *pmt)
{
	service->pmt_unmade = make(service, pmt) != 0;
	if (service->pmt_unmade) {
		dp_count(&service->stats.drops[DP_DROP_PSI_TOO_LONG], 1);
		return;
	}
	service->emit = true;
	service->input->emits = true;
}

void dp_psi_pmt(struct dp_input *input, uint16_t pid, const uint8_t *section, size_t n)
{
	struct dp_service *service;
	struct ts_pmt pmt;

	if (section[0] != TS_PMT_TABLE_ID)
		return;
	if (n < TS_SECTION_LONG_HEADER_BYTES) {
		dp_count(&input->stats.drops[DP_DROP_PSI_BROKEN], 1);
		return;
	}
	service = find(input, pid, section);
	if (!service)
		return;
	bool same = dp_table_same(&service->pmt, section, n);

	if (same && !service->awaits_pmt) {
		service->emit = service->pmt.out_bytes != 0;
		input->emits |= service->emit;
		return;
	}
	if (n > DP_TABLE_MAX_BYTES || ts_pmt_parse(&pmt, section, n)) {
		dp_count(&service->stats.drops[DP_DROP_PSI_BROKEN], 1);
		return;
	}
	if (!pmt.current)
		return;
	dp_table_take(&service->pmt, section, n);
	dp_count(&service->stats.pmt_changes, !same);
	follow(service, &pmt);
	dp_psi_map(input);
	rewrite(service, &pmt);
}

void dp_psi_pmt_scrambling(struct dp_service *service)
{
	struct ts_pmt pmt;

	if (service->pmt.raw_bytes && ts_pmt_parse(&pmt, service->pmt.raw, service->pmt.raw_bytes) == 0)
		rewrite(service, &pmt);
}

void dp_psi_pmt_again(struct dp_service *service)
{
	struct ts_pmt pmt;

	if (service->pmt.raw_bytes == 0 || ts_pmt_parse(&pmt, service->pmt.raw, service->pmt.raw_bytes))
		return;
	bool awaits = service->awaits_pmt; // what is at hand is not what is awaited

	follow(service, &pmt);
	service->awaits_pmt = awaits;
	rewrite(service, &pmt);
}
