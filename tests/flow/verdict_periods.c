// SPDX-License-Identifier: GPL-3.0-or-later
// Crypto-periods as they went over the air: rows of packets with one parity, over the whole programme.
#include <verdict.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

// A row of parities.
struct row {
	unsigned parity; // of the last packet, 0: none yet
	size_t runs;
};

static void row_take(struct row *row, unsigned parity)
{
	row->runs += row->parity != parity;
	row->parity = parity;
}

// A run is a whole crypto-period when a flip is seen at both its ends.
static size_t row_periods(const struct row *row)
{
	return row->runs > 2 ? row->runs - 2 : 0;
}

// Walks the capture over all scrambled PIDs.
struct walk {
	struct verdict_pid *owner[TS_PIDS]; // of a scrambled PID
	size_t next[TS_PIDS];               // packets of the PID met so far
	struct row pid[TS_PIDS];
	struct row captured, opened;
	size_t open_since; // row of the first opened packet, counted from 1; 0: none yet
};

// A receiver has one key for all PIDs of a programme. So that one PID may join later, it has up to the second flip
// after the programme's first opened packet; with a fixed key, which never flips, it has no time at all.
static bool is_late(const struct walk *w, const struct verdict_rules *rules)
{
	return w->open_since > 0 && w->captured.runs >= w->open_since + (rules->min_periods > 0 ? 2 : 0);
}

static int note_flip(struct verdict *v, const struct verdict_pid *pid, size_t place)
{
	size_t *grown = reallocarray(v->flip, v->flips + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	v->flip = grown;
	v->flip[v->flips++] = place == VERDICT_NONE ? VERDICT_NONE : pid->source.index[place];
	return 0;
}

static int take(struct verdict *v, struct walk *w, const struct verdict_rules *rules, const uint8_t *packet)
{
	uint16_t number = ts_packet_pid(packet);
	struct verdict_pid *pid = w->owner[number];
	unsigned tsc = ts_packet_tsc(packet);
	size_t place, n;

	if (!pid)
		return 0;
	place = pid->place[w->next[number]++];
	if (tsc < TS_TSC_EVEN || !ts_packet_has_payload(packet))
		return 0;
	if (w->captured.runs > 0 && w->captured.parity != tsc && note_flip(v, pid, place) < 0)
		return -ENOMEM;
	v->even |= tsc == TS_TSC_EVEN;
	v->odd |= tsc == TS_TSC_ODD;
	row_take(&w->captured, tsc);
	row_take(&w->pid[number], tsc);
	verdict_payload(packet, &n);
	if (pid->equal == 0 || place == VERDICT_NONE)
		return 0;
	if (place >= pid->source_from) {
		row_take(&w->opened, tsc);
		if (w->open_since == 0)
			w->open_since = w->captured.runs;
	} else if (verdict_reach(rules->algorithm, n) > 0 && is_late(w, rules)) {
		pid->late++;
	}
	return 0;
}

static void judge_share(struct verdict *v, const struct verdict_rules *rules)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct verdict_pid *pid = &v->pid[i];
		char where[16];

		snprintf(where, sizeof(where), "PID 0x%04x", pid->pid);
		if (!pid->scrambled || pid->source.n == 0)
			continue;
		if (pid->capture.n == 0)
			base_errs_add(&v->reasons, where, "not in the capture");
		else if (pid->share < rules->min_share)
			base_errs_add(&v->reasons, where, "%zu of %zu packets scrambled, %.2f %%; %.2f %% is needed",
				      pid->covered, pid->reached, 100 * pid->share, 100 * rules->min_share);
	}
}

static void judge_late(struct verdict *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct verdict_pid *pid = &v->pid[i];
		char where[16];

		snprintf(where, sizeof(where), "PID 0x%04x", pid->pid);
		if (pid->late > 0)
			base_errs_add(&v->reasons, where,
				      "%zu packets not opened, long after the programme's first opened one", pid->late);
	}
}

static void judge_periods(struct verdict *v, const struct verdict_rules *rules, size_t most_runs)
{
	if (v->periods_opened < rules->min_periods)
		base_errs_add(&v->reasons, "programme", "%zu whole crypto-periods opened (%zu captured); %u are needed",
			      v->periods_opened, v->periods_captured, rules->min_periods);
	if (rules->min_periods > 0 && !(v->even && v->odd))
		base_errs_add(&v->reasons, "programme", "%s parity only; both are needed",
			      v->even  ? "even"
			      : v->odd ? "odd"
				       : "no");
	if (v->parity_runs > most_runs)
		base_errs_add(&v->reasons, "programme", "PIDs flip apart: %zu runs of one parity, %zu on one PID",
			      v->parity_runs, most_runs);
}

int verdict_periods_check(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *capture)
{
	struct walk *w = calloc(1, sizeof(*w));
	size_t most_runs = 0;
	int rc = 0;

	if (!w)
		return -ENOMEM;
	for (size_t i = 0; i < v->n; i++)
		if (v->pid[i].scrambled)
			w->owner[v->pid[i].pid] = &v->pid[i];
	for (size_t c = 0; rc == 0 && c < capture->n; c++)
		rc = take(v, w, rules, flow_ts_at(capture, c));
	for (size_t i = 0; i < v->n; i++) {
		v->pid[i].parity_runs = w->pid[v->pid[i].pid].runs;
		if (v->pid[i].parity_runs > most_runs)
			most_runs = v->pid[i].parity_runs;
	}
	v->parity_runs = w->captured.runs;
	v->periods_captured = row_periods(&w->captured);
	v->periods_opened = row_periods(&w->opened);
	free(w);
	if (rc < 0)
		return rc;
	judge_share(v, rules);
	judge_late(v);
	judge_periods(v, rules, most_runs);
	return 0;
}
