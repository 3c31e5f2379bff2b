// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include <ts_sdt.h>

#include "psi/psi.h"

enum { BAT_TABLE_ID = 0x4A };

static void append(struct dp_output *output, const uint8_t *section, size_t n)
{
	if (dp_packets_append(&output->si, section, n))
		dp_count(&output->stats.drops[DP_DROP_NO_BUFFER], 1);
	else
		output->input->emits = true;
}

// The SDT of an output names the services of the output. What free_CA_mode says, and which services those are, is the
// configuration's: sdt_shift moves the input's version_number on when that has changed.
static void rewrite(struct dp_output *output, const struct ts_sdt *sdt, const uint8_t *section,
		    const struct dp_service *const *service)
{
	uint8_t out[DP_TABLE_MAX_BYTES];
	size_t n = ts_sdt_begin(out, section);

	for (size_t i = 0; i < sdt->n; i++)
		if (service[i] && service[i]->output == output)
			n = ts_sdt_add(out, n, &sdt->service[i], !service[i]->conf->clear_service);
	n = ts_sdt_end(out, n, (uint8_t)(sdt->version + output->sdt_shift));
	append(output, out, n);
}

static void rewrite_all(struct dp_input *input, const struct ts_sdt *sdt, const uint8_t *section)
{
	const struct dp_service *service[TS_SDT_SERVICES_MAX];

	for (size_t i = 0; i < sdt->n; i++)
		service[i] = dp_psi_service(input, sdt->service[i].service_id);
	for (unsigned i = 0; i < input->outputs; i++)
		rewrite(input->output[i], sdt, section, service);
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
	if (ours) {
		rewrite_all(input, &sdt, section);
		return;
	}
	for (unsigned i = 0; i < input->outputs; i++)
		append(input->output[i], section, n);
}
