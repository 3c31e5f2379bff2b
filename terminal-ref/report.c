// SPDX-License-Identifier: GPL-3.0-or-later
// The report as JSON.
#include <stb_report.h>

#include <errno.h>
#include <string.h>

#include <jansson.h>

const char *const stb_result_name[STB_RESULTS] = {
	[STB_OPENED] = "opened",       [STB_WAITING] = "waiting",           [STB_LOST] = "lost",
	[STB_NO_CW] = "no_cw",         [STB_NO_GROUP] = "no_group",         [STB_NO_ECM] = "no_ecm",
	[STB_NO_CIPHER] = "no_cipher", [STB_NO_PROGRAMME] = "no_programme", [STB_BROKEN] = "broken",
};

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *pid_json(const struct stb_pid *pid, unsigned number)
{
	json_t *o = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "pid", (int)number, "pkts",
			      count(pid->pkts), "even_pkts", count(pid->even), "odd_pkts", count(pid->odd),
			      "clear_pkts", count(pid->clear_payload), "parity_changes", count(pid->parity_changes),
			      "duplicates", count(pid->duplicates), "cc_errors", count(pid->cc_errors), "pes_starts",
			      count(pid->key.pes_starts), "pes_good", count(pid->key.pes_good));
	json_t *results = json_object();

	for (size_t i = 0; i < STB_RESULTS; i++)
		if (pid->result[i] > 0 || i == STB_OPENED)
			json_object_set_new(results, stb_result_name[i], count(pid->result[i]));
	json_object_set_new(o, "results", results);
	json_object_set_new(o, "wrong_cw", count(pid->key.pes_starts - pid->key.pes_good));
	if (pid->listed_by) {
		json_object_set_new(o, "program", json_integer(pid->listed_by->number));
		json_object_set_new(o, "stream_type", json_integer(pid->stream_type));
	}
	return o;
}

static json_t *programme_json(const struct stb_programme *p, bool by_ecm)
{
	const struct stb_cipher *cipher = stb_cipher_select(p->algorithm);
	const struct stb_follower *f = &p->follower;
	json_t *o;

	o = json_pack("{s:i, s:i, s:b, s:i, s:o, s:s?, s:i, s:s?, s:b, s:o, s:o, s:o, s:o}", "program", p->number,
		      "pmt_pid", p->pmt_pid, "in_pat", p->in_pat, "pmt_version", p->pmt_version, "pmt_changes",
		      count(p->pmt_changes), "algorithm", cipher ? cipher->name : NULL, "scrambling_mode",
		      p->scrambling_mode, "group", f->group ? f->group->name : NULL, "place_known", f->held, "flips",
		      count(by_ecm ? p->words.flips : f->flips), "acquired", count(f->acquired), "reacquired",
		      count(f->reacquired), "searches_failed", count(f->searches_failed));
	if (by_ecm)
		json_object_set_new(o, "ecm", stb_report_ecm(p));
	return o;
}

static json_t *input_json(const struct stb_input *in)
{
	const struct stb_input_counts *c = &in->counts;

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "kind", in->ops->name, "where",
			 in->where, "pkts", count(c->pkts), "skipped_bytes", count(c->skipped_bytes), "datagrams",
			 count(c->datagrams), "refused", count(c->refused), "other", count(c->other), "rtp", c->rtp,
			 "rtp_gaps", count(c->rtp_gaps), "rtp_lost", count(c->rtp_lost), "kernel_dropped",
			 count(c->kernel_dropped));
}

static json_t *document(const struct stb_report *report)
{
	json_t *programmes = json_array(), *pids = json_array(), *reasons = json_array();
	const struct stb_receiver *r = report->receiver;

	for (size_t i = 0; i < r->programmes; i++)
		json_array_append_new(programmes, programme_json(&r->programme[i], r->config->keys));
	for (unsigned i = 0; i < TS_PIDS; i++)
		if (r->pid[i].pkts > 0)
			json_array_append_new(pids, pid_json(&r->pid[i], i));
	for (size_t i = 0; i < report->reasons->count; i++)
		json_array_append_new(reasons, json_string(report->reasons->text[i]));
	return json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "version", STB_VERSION, "opened", report->opened,
			 "reasons", reasons, "input", input_json(report->input), "programmes", programmes, "pids", pids,
			 "emm", stb_report_emm(r));
}

int stb_report_json(const struct stb_report *report, const char *where)
{
	json_t *root = document(report);
	int rc = 0;

	if (!root)
		return -ENOMEM;
	if (strcmp(where, "-") != 0) {
		if (json_dump_file(root, where, JSON_INDENT(2)) < 0)
			rc = errno ? -errno : -EIO;
	} else if (json_dumpf(root, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF || fflush(stdout) != 0) {
		rc = -EIO;
	}
	json_decref(root);
	return rc;
}
