// SPDX-License-Identifier: GPL-3.0-or-later
#include <ts_cat.h>

#include "psi/psi.h"

// A stream with scrambled packets has a CAT even when there is no EMM to point to (TR 101 290, 2.6 CAT_error).
static void make(struct dp_output *output, const struct ts_cat *in)
{
	struct ts_cat out = {.version = in->version, .current = true};
	uint8_t section[DP_TABLE_MAX_BYTES];

	if (output->keeps_ca)
		out.info = in->info;
	int n = ts_cat_write(section, sizeof(section), &out);

	if (n > 0)
		dp_table_make(&output->cat, section, (size_t)n, in->version);
}

static void follow(struct dp_input *input, const struct ts_cat *cat)
{
	struct ts_desc desc;
	struct ts_desc_ca ca;
	size_t position = 0;
	bool keep = false;

	for (unsigned i = 0; i < input->outputs; i++)
		keep |= input->output[i]->keeps_ca;
	input->emm_n = 0;
	while (keep && ts_desc_next(&cat->info, &position, &desc) > 0)
		if (desc.tag == TS_DESC_CA && ts_desc_ca_parse(&ca, &desc) == 0 && input->emm_n < DP_CONF_CA_MAX)
			input->emm_pid[input->emm_n++] = ca.pid;
	dp_psi_map(input);
}

void dp_psi_cat(struct dp_input *input, const uint8_t *section, size_t n)
{
	struct ts_cat cat = {.current = true};

	if (section && dp_table_same(&input->output[0]->cat, section, n))
		return;
	// One section holds some 160 CA_descriptors; no input with more is served.
	if (section && (n > DP_TABLE_MAX_BYTES || ts_cat_parse(&cat, section, n) || cat.last != 0)) {
		input->stats.drops[DP_DROP_PSI_BROKEN]++;
		return;
	}
	if (!cat.current)
		return;
	if (section)
		dp_table_take(&input->output[0]->cat, section, n);
	else
		dp_table_forget(&input->output[0]->cat);
	follow(input, &cat);
	for (unsigned i = 0; i < input->outputs; i++)
		make(input->output[i], &cat);
}
