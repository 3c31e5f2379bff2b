// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include <ts_sdt.h>

#include "psi/psi.h"

enum { BAT_TABLE_ID = 0x4A };

static const struct dp_service *find(const struct dp_output *output, uint16_t service_id)
{
	for (unsigned i = 0; i < output->input->services; i++) {
		const struct dp_service *service = output->input->service[i];

		if (service->output == output && service->conf->program_number == service_id)
			return service;
	}
	return NULL;
}

static void append(struct dp_output *output, const uint8_t *section, size_t n)
{
	if (dp_packets_append(&output->si, section, n))
		dp_count(&output->stats.drops[DP_DROP_NO_BUFFER], 1);
	else
		output->input->emits = true;
}

// What free_CA_mode says depends on the configuration alone, so the input's version_number still counts changes.
static void rewrite(struct dp_output *output, const struct ts_sdt *sdt, const uint8_t *section, size_t n)
{
	uint8_t out[DP_TABLE_MAX_BYTES];

	memcpy(out, section, n);
	for (size_t i = 0; i < sdt->n; i++) {
		const struct dp_service *service = find(output, sdt->service[i].service_id);

		if (service)
			ts_sdt_set_free_ca(out, &sdt->service[i], !service->conf->clear_service);
	}
	ts_section_seal(out, n, sdt->version);
	append(output, out, n);
}

// SDT of other streams and BAT pass; nothing else has its place on this PID.
static bool passes(const uint8_t *section, size_t n)
{
	struct ts_section parsed;

	return (section[0] == TS_SDT_OTHER_TABLE_ID || section[0] == BAT_TABLE_ID) &&
	       ts_section_parse(&parsed, section, n) == 0;
}

void dp_psi_sdt(struct dp_input *input, const uint8_t *section, size_t n)
{
	struct ts_sdt sdt;
	bool ours = section[0] == TS_SDT_ACTUAL_TABLE_ID;

	if (n > DP_TABLE_MAX_BYTES || (ours ? ts_sdt_parse(&sdt, section, n) != 0 : !passes(section, n))) {
		dp_count(&input->stats.drops[DP_DROP_PSI_BROKEN], 1);
		return;
	}
	for (unsigned i = 0; i < input->outputs; i++)
		if (ours)
			rewrite(input->output[i], &sdt, section, n);
		else
			append(input->output[i], section, n);
}
