// SPDX-License-Identifier: GPL-3.0-or-later
// What the source says of itself: the programme, its PIDs, and which of them are to be scrambled.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.4.3, 2.4.4.8 and table 2-34; ETSI EN 300 468 (teletext, subtitling).
#include <verdict.h>

#include <errno.h>
#include <stdlib.h>

#include <ts_pat.h>
#include <ts_section.h>

struct search {
	struct verdict *v;
	const struct verdict_rules *rules;
	struct ts_pat pat;
	struct ts_pmt pmt;
	size_t programs; // seen in the PAT, the network PID not counted
	int rc;
};

static void on_pat(void *context, const uint8_t *section, size_t n)
{
	struct search *s = context;

	if (ts_pat_parse(&s->pat, section, n) < 0 || !s->pat.current)
		return;
	for (size_t i = 0; i < s->pat.n; i++) {
		uint16_t number = s->pat.program[i].number, pid = s->pat.program[i].pid;

		if (number == 0)
			continue;
		if (!s->v->pmt_pids[pid])
			s->programs++;
		s->v->pmt_pids[pid] = true;
		if (s->rules->program == 0 || s->rules->program == number) {
			s->v->program = number;
			s->v->pmt_pid = pid;
		}
	}
}

static bool has(const struct ts_desc_loop *loop, uint8_t tag)
{
	struct ts_desc desc;

	return ts_desc_find(loop, tag, &desc);
}

// Signalling and data stay clear by the published policy; video, audio and what nobody knows is scrambled.
static bool clear_by_type(const struct ts_pmt_stream *stream)
{
	switch (stream->stream_type) {
	case 0x05: // private sections
		return has(&stream->info, TS_DESC_APPLICATION_SIGNALLING);
	case 0x06: // PES private data
		return has(&stream->info, TS_DESC_TELETEXT) || has(&stream->info, TS_DESC_SUBTITLING) ||
		       has(&stream->info, TS_DESC_VBI_TELETEXT);
	case 0x0A: // DSM-CC A to D
	case 0x0B:
	case 0x0C:
	case 0x0D:
	case 0x86: // SCTE 35 splice information
		return true;
	default:
		return false;
	}
}

static int add_stream(struct search *s, const struct ts_pmt_stream *stream)
{
	struct verdict *v = s->v;
	struct verdict_pid *grown;
	uint8_t policy = s->rules->policy[stream->pid];

	for (size_t i = 0; i < v->n; i++)
		if (v->pid[i].pid == stream->pid)
			return 0;
	grown = reallocarray(v->pid, v->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	v->pid = grown;
	v->pid[v->n++] = (struct verdict_pid){
		.pid = stream->pid,
		.stream_type = stream->stream_type,
		.scrambled = policy == VERDICT_BY_TYPE ? !clear_by_type(stream) : policy == VERDICT_SCRAMBLED,
		.opened_from = VERDICT_NONE,
	};
	return 0;
}

// Every version of the PMT counts: a PID that comes later belongs to the programme too.
static void on_pmt(void *context, const uint8_t *section, size_t n)
{
	struct search *s = context;

	if (s->rc < 0 || ts_pmt_parse(&s->pmt, section, n) < 0 || s->pmt.program_number != s->v->program ||
	    !s->pmt.current)
		return;
	s->v->pcr_pid = s->pmt.pcr_pid;
	for (size_t i = 0; i < s->pmt.n && s->rc == 0; i++)
		s->rc = add_stream(s, &s->pmt.stream[i]);
}

static void feed_pid(struct search *s, const struct flow_ts *ts, uint16_t pid, ts_section_fn *fn)
{
	struct ts_section_assembler *assembler = malloc(sizeof(*assembler));

	if (!assembler) {
		s->rc = -ENOMEM;
		return;
	}
	ts_section_assembler_init(assembler);
	for (size_t i = 0; i < ts->n; i++)
		if (ts_packet_pid(flow_ts_at(ts, i)) == pid)
			ts_section_feed(assembler, flow_ts_at(ts, i), fn, s);
	free(assembler);
}

static int choose(struct search *s)
{
	struct verdict *v = s->v;

	if (s->rc < 0)
		return s->rc;
	if (s->programs == 0) {
		base_errs_add(&v->reasons, "source", "has no PAT with a programme");
		return -ENOENT;
	}
	if (v->program == 0) {
		base_errs_add(&v->reasons, "source", "has no programme %u in its PAT", s->rules->program);
		return -ENOENT;
	}
	if (s->rules->program == 0 && s->programs > 1) {
		base_errs_add(&v->reasons, "source", "has %zu programmes; say which with --program N", s->programs);
		return -ENOENT;
	}
	return 0;
}

int verdict_service_find(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *source)
{
	struct search *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->v = v;
	s->rules = rules;
	feed_pid(s, source, TS_PID_PAT, on_pat);
	rc = choose(s);
	if (rc == 0) {
		feed_pid(s, source, v->pmt_pid, on_pmt);
		rc = s->rc;
	}
	if (rc == 0 && v->n == 0) {
		base_errs_add(&v->reasons, "source", "has no PMT with streams for programme %u on PID 0x%04x",
			      v->program, v->pmt_pid);
		rc = -ENOENT;
	}
	free(s);
	return rc;
}
