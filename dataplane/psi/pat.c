// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include <ts_pat.h>

#include "psi/psi.h"

static bool may_hold_pmt(uint16_t pid)
{
	return pid > TS_PID_SI_LAST && pid < TS_PID_NULL;
}

// The PMT PID of a programme, or 0.
static uint16_t pmt_pid_of(const struct ts_pat *pat, uint16_t program_number)
{
	for (size_t i = 0; i < pat->n; i++)
		if (pat->program[i].number == program_number)
			return may_hold_pmt(pat->program[i].pid) ? pat->program[i].pid : 0;
	return 0;
}

static bool lists(const struct ts_pat *pat, uint16_t program_number)
{
	for (size_t i = 0; i < pat->n; i++)
		if (pat->program[i].number == program_number)
			return true;
	return false;
}

// A service that leaves the PAT loses its streams; one whose PMT moves keeps them until the new PMT speaks.
static void follow(struct dp_service *service, const struct ts_pat *pat)
{
	uint16_t pid = pmt_pid_of(pat, service->conf->program_number);

	if (service->pmt_pid == 0)
		service->awaits_pmt = lists(pat, service->conf->program_number);
	if (pid == service->pmt_pid)
		return;
	service->pmt_pid = pid;
	ts_section_assembler_init(&service->assembler);
	dp_table_forget(&service->pmt);
	if (pid == 0) {
		service->streams_n = 0;
		service->kept_ca_n = 0;
		service->pcr_pid = TS_PID_NULL;
		service->pmt_unmade = false;
		service->awaits_pmt = lists(pat, service->conf->program_number);
	}
}

// The services of the programmes, where their PMTs are followed.
static void find_services(const struct dp_input *input, const struct ts_pat *pat, const struct dp_service **service)
{
	for (size_t i = 0; i < pat->n; i++) {
		service[i] = dp_psi_service(input, pat->program[i].number);
		if (service[i] && service[i]->pmt_pid != pat->program[i].pid)
			service[i] = NULL;
	}
}

// The PAT of an output lists the NIT where DVB has it (EN 300 468 clause 5.1.3) and the services of the output.
static void make(struct dp_output *output, const struct ts_pat *pat, const struct dp_service *const *service)
{
	struct ts_pat out = *pat;
	uint8_t section[DP_TABLE_MAX_BYTES];

	out.n = 0;
	for (size_t i = 0; i < pat->n; i++)
		if ((pat->program[i].number == 0 && pat->program[i].pid == TS_PID_NIT) ||
		    (service[i] && service[i]->output == output))
			out.program[out.n++] = pat->program[i];
	int n = ts_pat_write(section, sizeof(section), &out);

	if (n > 0)
		dp_table_make(&output->pat, section, (size_t)n, pat->version);
}

static void emit(struct dp_input *input)
{
	for (unsigned i = 0; i < input->outputs; i++) {
		input->output[i]->emit_pat = true;
		input->output[i]->emit_cat |= !input->cat_seen;
	}
	input->emits = true;
}

void dp_psi_pat(struct dp_input *input, const uint8_t *section, size_t n)
{
	const struct dp_service *service[TS_PAT_PROGRAMS_MAX];
	struct ts_pat pat;

	if (n == input->pat_raw_bytes && memcmp(input->pat_raw, section, n) == 0) {
		emit(input);
		return;
	}
	// More than 253 programmes would need several sections; no such input is served.
	if (n > sizeof(input->pat_raw) || ts_pat_parse(&pat, section, n) || pat.last != 0) {
		dp_count(&input->stats.drops[DP_DROP_PSI_BROKEN], 1);
		return;
	}
	if (!pat.current)
		return;
	memcpy(input->pat_raw, section, n);
	input->pat_raw_bytes = (uint16_t)n;
	dp_pat_view_publish(&input->pat_view, section, (uint16_t)n);
	dp_count(&input->stats.pat_changes, 1);
	for (unsigned i = 0; i < input->services; i++)
		follow(input->service[i], &pat);
	dp_psi_map(input);
	find_services(input, &pat, service);
	for (unsigned i = 0; i < input->outputs; i++)
		make(input->output[i], &pat, service);
	emit(input);
}

void dp_psi_pat_again(struct dp_input *input)
{
	struct ts_pat pat;

	for (unsigned i = 0; i < input->outputs; i++)
		dp_psi_own(input->output[i]);
	if (input->pat_raw_bytes == 0 || ts_pat_parse(&pat, input->pat_raw, input->pat_raw_bytes))
		return;
	for (unsigned i = 0; i < input->services; i++)
		follow(input->service[i], &pat);
}

void dp_psi_input_again(struct dp_input *input)
{
	const struct dp_service *service[TS_PAT_PROGRAMS_MAX];
	struct ts_pat pat;

	dp_psi_cat_again(input);
	dp_psi_map(input);
	if (input->pat_raw_bytes == 0 || ts_pat_parse(&pat, input->pat_raw, input->pat_raw_bytes))
		return;
	find_services(input, &pat, service);
	for (unsigned i = 0; i < input->outputs; i++) {
		struct dp_output *output = input->output[i];
		bool first = output->pat.out_bytes == 0;
		uint8_t version = output->pat.version;

		make(output, &pat, service);
		output->emit_pat |= first || output->pat.version != version;
		input->emits |= output->emit_pat;
	}
}
