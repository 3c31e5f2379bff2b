// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include <ts_cat.h>

#include "psi/psi.h"

// A CA_descriptor for each EMM stream of the output (ISO/IEC 13818-1 clause 2.4.4.6); -ENOSPC.
static int add_emms(const struct dp_output *output, uint8_t *bytes, size_t capacity)
{
	size_t used = 0;

	for (unsigned i = 0; i < output->emms; i++) {
		const struct dp_conf_emm *emm = output->emm[i].conf;
		struct ts_desc_ca ca = {.ca_system_id = emm->ca_system_id,
					.pid = emm->pid,
					.private_bytes = emm->private_bytes,
					.private_n = emm->private_n};
		int n = ts_desc_ca_write(bytes + used, capacity - used, &ca);

		if (n < 0)
			return n;
		used += (size_t)n;
	}
	return (int)used;
}

// A stream with scrambled packets has a CAT even when there is no EMM to point to (TR 101 290, 2.6 CAT_error).
static int make(struct dp_output *output, const struct ts_cat *in)
{
	struct ts_cat out = {.version = in->version, .current = true};
	uint8_t section[DP_TABLE_MAX_BYTES], loop[DP_TABLE_MAX_BYTES];
	size_t kept = output->keeps_ca ? in->info.n : 0;

	if (kept)
		memcpy(loop, in->info.bytes, kept);
	int n = add_emms(output, loop + kept, sizeof(loop) - kept);

	if (n < 0)
		return n;
	out.info = (struct ts_desc_loop){loop, kept + (size_t)n};
	n = ts_cat_write(section, sizeof(section), &out);
	if (n < 0)
		return n;
	dp_table_make(&output->cat, section, (size_t)n, in->version);
	return 0;
}

static void make_all(struct dp_input *input, const struct ts_cat *cat)
{
	for (unsigned i = 0; i < input->outputs; i++)
		if (make(input->output[i], cat))
			dp_count(&input->output[i]->stats.drops[DP_DROP_PSI_TOO_LONG], 1);
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
}

void dp_psi_cat(struct dp_input *input, const uint8_t *section, size_t n)
{
	struct ts_cat cat = {.current = true};

	if (section && n == input->cat_raw_bytes && memcmp(input->cat_raw, section, n) == 0)
		return;
	// One section holds some 160 CA_descriptors; no input with more is served.
	if (section && (n > DP_TABLE_MAX_BYTES || ts_cat_parse(&cat, section, n) || cat.last != 0)) {
		dp_count(&input->stats.drops[DP_DROP_PSI_BROKEN], 1);
		return;
	}
	if (!cat.current)
		return;
	if (section)
		memcpy(input->cat_raw, section, n);
	input->cat_raw_bytes = (uint16_t)n;
	follow(input, &cat);
	dp_psi_map(input);
	make_all(input, &cat);
}

void dp_psi_cat_again(struct dp_input *input)
{
	struct ts_cat cat = {.current = true};

	if (input->cat_raw_bytes && ts_cat_parse(&cat, input->cat_raw, input->cat_raw_bytes))
		return;
	follow(input, &cat);
	for (unsigned i = 0; i < input->outputs; i++) {
		struct dp_output *output = input->output[i];
		uint8_t version = output->cat.version;

		if (make(output, &cat))
			dp_count(&output->stats.drops[DP_DROP_PSI_TOO_LONG], 1);
		output->emit_cat |= output->cat.version != version;
		input->emits |= output->emit_cat;
	}
}
