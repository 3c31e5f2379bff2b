// SPDX-License-Identifier: GPL-3.0-or-later
// The report's parts on ECMs and EMMs. No key and no control word is in them.
#include <stb_report.h>

#include <base_bytes.h>

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *milliseconds(int64_t t_27mhz)
{
	return json_integer((json_int_t)(t_27mhz / 27000));
}

static json_t *lead_json(const struct stb_lead *lead)
{
	if (lead->n == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "words", count(lead->n), "first", milliseconds(lead->first_27mhz),
			 "last", milliseconds(lead->last_27mhz), "min", milliseconds(lead->min_27mhz), "max",
			 milliseconds(lead->max_27mhz));
}

static json_t *refused_json(const struct stb_ecm_stream *e)
{
	json_t *o = json_object();

	for (size_t i = 0; i < STB_ECM_VERDICTS; i++)
		if (i != STB_ECM_OPENED && e->verdict[i] > 0)
			json_object_set_new(o, stb_ecm_verdict_name[i], count(e->verdict[i]));
	return o;
}

json_t *stb_report_ecm(const struct stb_programme *p)
{
	const struct stb_ecm_stream *e = &p->ecm;
	json_t *o;

	o = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "received", count(e->received), "repeats",
		      count(e->repeats), "distinct", count(e->received - e->repeats), "opened",
		      count(e->verdict[STB_ECM_OPENED]), "refused", refused_json(e), "pid_changes",
		      count(e->pid_changes), "service_key_changes", count(e->service_key_changes), "cp_gaps",
		      count(e->cp_gaps), "periods_proved", count(p->words.proved), "ecm_to_use_ms",
		      lead_json(&p->words.lead));
	if (!o)
		return NULL;
	if (e->pid != TS_PID_NULL) {
		json_object_set_new(o, "pid", json_integer(e->pid));
		json_object_set_new(o, "ca_system_id", json_integer(e->ca_system_id));
	}
	if (e->verdict[STB_ECM_OPENED] > 0) {
		json_object_set_new(o, "cp_first", json_integer(e->cp_first));
		json_object_set_new(o, "cp_last", json_integer(e->cp_last));
		json_object_set_new(o, "service_key_id", json_integer(e->service_key_id));
	}
	return o;
}

static json_t *section_json(const struct stb_emm *emm)
{
	char digest[2 * STB_EMM_DIGEST_BYTES + 1];

	base_bytes_to_hex(digest, sizeof(digest), emm->digest, sizeof(emm->digest));
	return json_pack("{s:i, s:i, s:i, s:o, s:s}", "pid", (int)emm->pid, "table_id", (int)emm->table_id, "bytes",
			 (int)emm->bytes, "count", count(emm->count), "sha256", digest);
}

static json_t *pid_json(const struct stb_receiver *r, size_t i)
{
	const struct stb_pid *pid = &r->pid[r->emms.pid[i].pid];

	return json_pack("{s:i, s:i, s:o, s:o, s:o}", "pid", (int)r->emms.pid[i].pid, "ca_system_id",
			 (int)r->emms.pid[i].ca_system_id, "cc_errors", count(pid->cc_errors), "sections_cut",
			 count(pid->sections ? pid->sections->counts.discontinuities : 0), "sections_broken",
			 count(pid->sections ? pid->sections->counts.broken : 0));
}

json_t *stb_report_emm(const struct stb_receiver *r)
{
	json_t *pids = json_array(), *tables = json_object(), *sections = json_array();
	const struct stb_emms *emms = &r->emms;
	char name[8];

	for (size_t i = 0; i < emms->pids; i++)
		json_array_append_new(pids, pid_json(r, i));
	for (unsigned i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "0x%02x", i);
		if (emms->table[i] > 0)
			json_object_set_new(tables, name, count(emms->table[i]));
	}
	for (size_t i = 0; i < emms->n; i++)
		json_array_append_new(sections, section_json(&emms->emm[i]));
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "cat_version", emms->cat_version, "cat_changes",
			 count(emms->cat_changes), "pids", pids, "received", count(emms->received), "repeats",
			 count(emms->received - emms->n - emms->untold), "untold", count(emms->untold), "tables",
			 tables, "sections", sections);
}
