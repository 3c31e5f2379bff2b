// SPDX-License-Identifier: GPL-3.0-or-later
// Conditional access in the tables: which ECM PID a programme has, which EMM PIDs there are, and what comes on them.
#include <stb_receiver.h>

static bool ours(const struct stb_receiver *r, const struct ts_desc_ca *ca)
{
	return r->config->ca_system_id == 0 || ca->ca_system_id == r->config->ca_system_id;
}

// The next CA_descriptor of our CA system from *position on.
static bool next_ca(const struct stb_receiver *r, const struct ts_desc_loop *loop, size_t *position,
		    struct ts_desc_ca *out)
{
	struct ts_desc desc;

	while (ts_desc_next(loop, position, &desc) > 0)
		if (desc.tag == TS_DESC_CA && ts_desc_ca_parse(out, &desc) == 0 && ours(r, out))
			return true;
	return false;
}

static bool first_ca(const struct stb_receiver *r, const struct ts_desc_loop *loop, struct ts_desc_ca *out)
{
	size_t position = 0;

	return next_ca(r, loop, &position, out);
}

// The programme's own, else the first that a stream has.
static bool choose(const struct stb_receiver *r, const struct ts_pmt *pmt, struct ts_desc_ca *out)
{
	if (first_ca(r, &pmt->info, out))
		return true;
	for (size_t i = 0; i < pmt->n; i++)
		if (first_ca(r, &pmt->stream[i].info, out))
			return true;
	return false;
}

static void mark_streams(struct stb_receiver *r, const struct stb_programme *p, const struct ts_pmt *pmt)
{
	for (size_t i = 0; i < pmt->n; i++) {
		struct stb_pid *pid = &r->pid[pmt->stream[i].pid];
		struct ts_desc_ca ca;

		if (pid->programme == p)
			pid->other_ecm = first_ca(r, &pmt->stream[i].info, &ca) && ca.pid != p->ecm.pid;
	}
}

void stb_ca_programme(struct stb_receiver *r, struct stb_programme *p, const struct ts_pmt *pmt)
{
	struct ts_desc_ca ca;
	int rc;

	if (!r->config->keys)
		return;
	if (!pmt || !choose(r, pmt, &ca)) {
		stb_ecm_stream_move(&p->ecm, TS_PID_NULL, 0);
		return;
	}
	stb_ecm_stream_move(&p->ecm, ca.pid, ca.ca_system_id);
	rc = stb_psi_listen(r, ca.pid);
	if (rc < 0)
		r->error = rc;
	mark_streams(r, p, pmt);
}

static void take_cat(struct stb_receiver *r, const struct ts_cat *cat)
{
	struct ts_desc_ca ca;
	size_t position = 0;
	int rc;

	// Sections of one version add up.
	if (cat->version != r->emms.cat_version) {
		r->emms.cat_changes += r->emms.cat_version >= 0;
		r->emms.cat_version = cat->version;
		r->emms.pids = 0;
	}
	while (r->emms.pids < STB_EMM_PIDS_MAX && next_ca(r, &cat->info, &position, &ca)) {
		if (stb_emms_wants(&r->emms, ca.pid))
			continue;
		rc = stb_psi_listen(r, ca.pid);
		if (rc < 0)
			r->error = rc;
		r->emms.pid[r->emms.pids].pid = ca.pid;
		r->emms.pid[r->emms.pids++].ca_system_id = ca.ca_system_id;
	}
}

// Programmes of one scrambling group share their ECM PID.
static void take_ecm(struct stb_receiver *r, uint16_t pid, const uint8_t *section, size_t n)
{
	for (size_t i = 0; r->config->keys && i < r->programmes; i++)
		if (r->programme[i].ecm.pid == pid)
			stb_ecm_stream_take(&r->programme[i].ecm, &r->client, &r->programme[i].words, section, n);
}

void stb_ca_section(struct stb_receiver *r, uint16_t pid, const uint8_t *section, size_t n)
{
	uint8_t table_id = section[0];
	struct ts_cat cat;

	if (pid == TS_PID_CAT) {
		if (ts_cat_parse(&cat, section, n) == 0 && cat.current)
			take_cat(r, &cat);
	} else if (table_id == STB_ECM_TABLE_EVEN || table_id == STB_ECM_TABLE_ODD) {
		take_ecm(r, pid, section, n);
	} else if (table_id >= STB_EMM_TABLE_FIRST && table_id <= STB_EMM_TABLE_LAST && stb_emms_wants(&r->emms, pid)) {
		int rc = stb_emms_take(&r->emms, pid, section, n);

		if (rc < 0)
			r->error = rc;
	}
}
