// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the judge's steps.
#include <verdict.h>

#include <errno.h>
#include <stdlib.h>

size_t verdict_reach(enum verdict_algorithm algorithm, size_t n)
{
	if (algorithm == VERDICT_CISSA)
		return n & ~(size_t)15;
	if (algorithm == VERDICT_IDSA)
		return n;
	return n < 8 ? 0 : n;
}

const uint8_t *verdict_payload(const uint8_t *packet, size_t *n)
{
	int offset = ts_packet_payload_offset(packet);

	if (offset < 0)
		offset = TS_PACKET_BYTES;
	*n = (size_t)(TS_PACKET_BYTES - offset);
	return packet + offset;
}

static int split(struct verdict *v, const struct flow_ts *source, const struct flow_ts *capture,
		 const struct flow_ts *opened)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < v->n; i++) {
		struct verdict_pid *pid = &v->pid[i];

		rc = flow_track_new(&pid->source, source, pid->pid);
		if (rc == 0)
			rc = flow_track_new(&pid->capture, capture, pid->pid);
		if (rc == 0)
			rc = flow_track_new(&pid->opened, opened, pid->pid);
	}
	return rc;
}

static int place(struct verdict *v)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < v->n; i++)
		rc = verdict_place(&v->pid[i]);
	return rc;
}

int verdict_judge(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *source,
		  const struct flow_ts *capture, const struct flow_ts *opened)
{
	int rc;

	*v = (struct verdict){0};
	base_errs_init(&v->reasons);
	rc = verdict_service_find(v, rules, source);
	if (rc == 0)
		rc = split(v, source, capture, opened);
	if (rc < 0)
		return rc;
	verdict_opened_check(v, rules);
	rc = place(v);
	if (rc == 0)
		rc = verdict_leak_check(v, rules, source, capture);
	if (rc == 0)
		rc = verdict_periods_check(v, rules, capture);
	if (rc == 0)
		rc = verdict_length_check(v, rules, source);
	v->identical = rc == 0 && base_errs_none(&v->reasons);
	return rc;
}

void verdict_free(struct verdict *v)
{
	for (size_t i = 0; i < v->n; i++) {
		flow_track_free(&v->pid[i].source);
		flow_track_free(&v->pid[i].capture);
		flow_track_free(&v->pid[i].opened);
		free(v->pid[i].place);
	}
	free(v->pid);
	free(v->flip);
	v->flip = NULL;
	v->flips = 0;
	v->pid = NULL;
	v->n = 0;
}
