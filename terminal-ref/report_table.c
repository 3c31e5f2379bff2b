// SPDX-License-Identifier: GPL-3.0-or-later
// The report as a table.
#include <stb_report.h>

#include <inttypes.h>

static uint64_t not_opened(const struct stb_pid *pid)
{
	uint64_t n = 0;

	for (size_t i = 0; i < STB_RESULTS; i++)
		n += i == STB_OPENED || i == STB_WAITING ? 0 : pid->result[i];
	return n;
}

static void print_pid(const struct stb_pid *pid, unsigned number, FILE *out)
{
	char program[8] = "-";

	if (pid->listed_by)
		snprintf(program, sizeof(program), "%u", pid->listed_by->number);
	fprintf(out,
		"0x%04x %7s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %7" PRIu64 " %7" PRIu64,
		number, program, pid->pkts, pid->even, pid->odd, pid->clear_payload, pid->result[STB_OPENED],
		pid->result[STB_WAITING], not_opened(pid));
	fprintf(out, " %5" PRIu64 " %6" PRIu64 " %6" PRIu64 "/%" PRIu64 "\n", pid->parity_changes, pid->cc_errors,
		pid->key.pes_good, pid->key.pes_starts);
}

static void print_input(const struct stb_input *in, FILE *out)
{
	const struct stb_input_counts *c = &in->counts;

	fprintf(out, "%s %s: %" PRIu64 " packets", in->ops->name, in->where, c->pkts);
	if (c->datagrams)
		fprintf(out, ", %" PRIu64 " datagrams%s", c->datagrams, c->rtp ? " (RTP)" : "");
	if (c->refused)
		fprintf(out, ", %" PRIu64 " refused", c->refused);
	if (c->rtp_gaps)
		fprintf(out, ", %" PRIu64 " RTP gaps, %" PRIu64 " datagrams lost", c->rtp_gaps, c->rtp_lost);
	if (c->kernel_dropped)
		fprintf(out, ", %" PRIu64 " dropped by the kernel", c->kernel_dropped);
	if (c->skipped_bytes)
		fprintf(out, ", %" PRIu64 " bytes out of sync", c->skipped_bytes);
	fputc('\n', out);
}

static void print_programme(const struct stb_programme *p, bool by_ecm, FILE *out)
{
	const struct stb_cipher *cipher = stb_cipher_select(p->algorithm);
	const char *algorithm = p->pmt_version < 0 ? "no PMT" : cipher ? cipher->name : "unknown algorithm";

	if (by_ecm)
		fprintf(out, "programme %u: %s, %" PRIu64 " flips, %" PRIu64 " crypto-periods proved by a PES start\n",
			p->number, algorithm, p->words.flips, p->words.proved);
	else
		fprintf(out, "programme %u: %s, group %s, %" PRIu64 " flips, %" PRIu64 " reacquired\n", p->number,
			algorithm, p->follower.group ? p->follower.group->name : "none", p->follower.flips,
			p->follower.reacquired);
}

static void print_ecms(const struct stb_programme *p, FILE *out)
{
	const struct stb_ecm_stream *e = &p->ecm;

	if (e->pid == TS_PID_NULL) {
		fputs("  no ECM PID\n", out);
		return;
	}
	fprintf(out, "  ECM PID 0x%04x of CA system 0x%04x: %" PRIu64 " received, %" PRIu64 " opened", e->pid,
		e->ca_system_id, e->received, e->verdict[STB_ECM_OPENED]);
	for (size_t i = 0; i < STB_ECM_VERDICTS; i++)
		if (i != STB_ECM_OPENED && e->verdict[i] > 0)
			fprintf(out, ", %" PRIu64 " %s", e->verdict[i], stb_ecm_verdict_name[i]);
	if (e->verdict[STB_ECM_OPENED] > 0)
		fprintf(out, ", crypto-periods %u..%u, %" PRIu64 " gaps", e->cp_first, e->cp_last, e->cp_gaps);
	fputc('\n', out);
}

static void print_emms(const struct stb_emms *emms, FILE *out)
{
	for (size_t i = 0; i < emms->pids; i++)
		fprintf(out, "EMM PID 0x%04x of CA system 0x%04x\n", emms->pid[i].pid, emms->pid[i].ca_system_id);
	if (emms->received > 0)
		fprintf(out, "EMMs: %" PRIu64 " sections, %zu distinct\n", emms->received, emms->n);
}

void stb_report_table(const struct stb_report *report, FILE *out)
{
	const struct stb_receiver *r = report->receiver;

	print_input(report->input, out);
	for (size_t i = 0; i < r->programmes; i++) {
		print_programme(&r->programme[i], r->config->keys, out);
		if (r->config->keys)
			print_ecms(&r->programme[i], out);
	}
	print_emms(&r->emms, out);
	fputs("PID    program   packets      even       odd     clear    opened waiting  closed flips cc_err PES "
	      "good/seen\n",
	      out);
	for (unsigned i = 0; i < TS_PIDS; i++)
		if (r->pid[i].pkts > 0)
			print_pid(&r->pid[i], i, out);
	fprintf(out, "%s\n", report->opened ? "all that was asked for opened" : "NOT all that was asked for opened:");
	base_errs_print(report->reasons, out, "  ");
}

void stb_report_progress(const struct stb_receiver *r, FILE *out)
{
	uint64_t opened = 0, waiting = 0, closed = 0, ecms = 0;

	for (unsigned i = 0; i < TS_PIDS; i++) {
		opened += r->pid[i].result[STB_OPENED];
		waiting += r->pid[i].result[STB_WAITING];
		closed += not_opened(&r->pid[i]);
	}
	for (size_t i = 0; i < r->programmes; i++)
		ecms += r->programme[i].ecm.verdict[STB_ECM_OPENED];
	fprintf(out,
		"\r%" PRIu64 " packets, %zu programmes, %" PRIu64 " opened, %" PRIu64 " waiting, %" PRIu64
		" closed, %" PRIu64 " ECMs, %" PRIu64 " EMMs \033[K",
		r->pkts, r->programmes, opened, waiting, closed, ecms, r->emms.received);
	fflush(out);
}
