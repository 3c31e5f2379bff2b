// SPDX-License-Identifier: GPL-3.0-or-later
// Is what was opened the source, from the first opened packet to the end, nothing missing, added or different?
#include <verdict.h>

#include <stdio.h>

static uint8_t byte_at(const uint8_t *p, size_t i)
{
	return i == 3 ? p[3] & 0x3F : p[i];
}

// First byte where two packets differ, transport_scrambling_control left out; 188 when they do not.
static size_t first_difference(const uint8_t *a, const uint8_t *b)
{
	size_t i = 0;

	while (i < TS_PACKET_BYTES && byte_at(a, i) == byte_at(b, i))
		i++;
	return i;
}

// Packets that a receiver passed on unopened while it waited for its key come before the first opened one.
static size_t find_first(const struct verdict_pid *pid, enum verdict_algorithm algorithm)
{
	for (size_t i = 0; i < pid->opened.n; i++) {
		const uint8_t *p = flow_track_at(&pid->opened, i);
		size_t n;

		verdict_payload(p, &n);
		if (!pid->scrambled || (ts_packet_tsc(p) == TS_TSC_CLEAR && verdict_reach(algorithm, n) > 0))
			return i;
	}
	return VERDICT_NONE;
}

static size_t equal_run(const struct verdict_pid *pid, size_t source_from)
{
	size_t n = 0;

	while (pid->opened_from + n < pid->opened.n && source_from + n < pid->source.n &&
	       first_difference(flow_track_at(&pid->opened, pid->opened_from + n),
				flow_track_at(&pid->source, source_from + n)) == TS_PACKET_BYTES)
		n++;
	return n;
}

// The place in the source from which most packets are equal; the later one of two, which reaches the end.
static void find_place(struct verdict_pid *pid)
{
	for (size_t k = 0; k < pid->source.n; k++) {
		size_t n = equal_run(pid, k);

		if (n > 0 && n >= pid->equal) {
			pid->equal = n;
			pid->source_from = k;
		}
	}
}

static void explain(struct verdict_pid *pid, const char *where, struct base_errs *reasons)
{
	size_t at_opened = pid->opened_from + pid->equal, at_source = pid->source_from + pid->equal;

	if (pid->equal == 0) {
		base_errs_add(reasons, where, "the first opened packet (%zu of the PID) is not in the source",
			      pid->opened_from);
	} else if (at_opened == pid->opened.n && at_source == pid->source.n) {
		pid->opened_to_the_end = true;
	} else if (at_opened == pid->opened.n) {
		base_errs_add(reasons, where, "%zu packets missing at the end (the source has %zu)",
			      pid->source.n - at_source, pid->source.n);
	} else if (at_source == pid->source.n) {
		base_errs_add(reasons, where, "%zu packets added after the source's end", pid->opened.n - at_opened);
	} else {
		base_errs_add(reasons, where, "opened packet %zu differs from source packet %zu at byte %zu", at_opened,
			      at_source,
			      first_difference(flow_track_at(&pid->opened, at_opened),
					       flow_track_at(&pid->source, at_source)));
	}
}

void verdict_opened_check(struct verdict *v, const struct verdict_rules *rules)
{
	for (size_t i = 0; i < v->n; i++) {
		struct verdict_pid *pid = &v->pid[i];
		char where[16];

		snprintf(where, sizeof(where), "PID 0x%04x", pid->pid);
		pid->opened_from = find_first(pid, rules->algorithm);
		if (pid->opened_from != VERDICT_NONE) {
			find_place(pid);
			explain(pid, where, &v->reasons);
		} else if (pid->source.n == 0) {
			pid->opened_to_the_end = true;
		} else {
			base_errs_add(&v->reasons, where, "nothing of its %zu packets was opened", pid->source.n);
		}
	}
}
