// SPDX-License-Identifier: GPL-3.0-or-later
#include "psi/psi.h"

// Without a CAT for this many PATs the input has none, and ours goes with the PAT.
enum { PATS_WITHOUT_CAT = 5 };

static void drop(struct dp_input *input, enum dp_drop reason)
{
	dp_count(&input->stats.drops[reason], 1);
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

const struct dp_service *dp_psi_service(const struct dp_input *input, uint16_t program_number)
{
	for (unsigned i = 0; i < input->services; i++)
		if (input->service[i]->conf->program_number == program_number)
			return input->service[i];
	return NULL;
}

void dp_psi_doubt(struct dp_input *input)
{
	ts_section_assembler_init(&input->pat_assembler);
	ts_section_assembler_init(&input->cat_assembler);
	ts_section_assembler_init(&input->sdt_assembler);
	for (unsigned i = 0; i < input->services; i++) {
		ts_section_assembler_init(&input->service[i]->assembler);
		input->service[i]->awaits_pmt = input->service[i]->pmt_pid != 0;
	}
	// What is no stream now was no clear one before, for the map.
	for (unsigned i = 0; i < TS_PIDS; i++)
		if (input->pid[i].action == DP_ACTION_CLEAR)
			input->pid[i].action = DP_ACTION_UNKNOWN;
	dp_psi_map(input);
}

void dp_psi_init(struct dp_input *input)
{
	for (unsigned i = 0; i < input->outputs; i++)
		dp_psi_own(input->output[i]);
	dp_psi_map(input);
	dp_psi_cat(input, NULL, 0);
}
