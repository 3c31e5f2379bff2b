// SPDX-License-Identifier: GPL-3.0-or-later
// The results as JSON: the middle run of each case, ratios as medians over the runs, and every run's total.
#include <stdio.h>

#include "path/results.h"

static json_t *stages(const struct bench_sample *sample)
{
	json_t *out = json_object();

	for (unsigned s = 0; s < DP_STAGES; s++)
		json_object_set_new(out, dp_stage_name[s], json_real(sample->stage[s]));
	json_object_set_new(out, "other", json_real(sample->other));
	return out;
}

static json_t *totals(const struct bench_case *c)
{
	json_t *out = json_array();

	for (unsigned i = 0; i < c->runs; i++)
		json_array_append_new(out, json_real(c->sample[i].total));
	return out;
}

// Sums over the runs.
static json_t *checks(const struct bench_case *c)
{
	struct bench_sample sum = {0};
	bool sound = true;

	for (unsigned i = 0; i < c->runs; i++) {
		const struct bench_sample *sample = &c->sample[i];

		sum.checked_pkts += sample->checked_pkts;
		sum.wrong_pkts += sample->wrong_pkts;
		sum.guard_drops += sample->guard_drops;
		sum.other_drops += sample->other_drops;
		sum.continuity_errors += sample->continuity_errors;
		sum.periods += sample->periods;
		sum.extended += sample->extended;
		sound &= bench_sample_sound(sample);
	}
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "sound", sound, "checked_pkts",
			 (json_int_t)sum.checked_pkts, "wrong_pkts", (json_int_t)sum.wrong_pkts, "guard_drops",
			 (json_int_t)sum.guard_drops, "other_drops", (json_int_t)sum.other_drops, "continuity_errors",
			 (json_int_t)sum.continuity_errors, "periods", (json_int_t)sum.periods, "extended",
			 (json_int_t)sum.extended);
}

static void add_scrambling(json_t *out, const struct bench_results *results, const struct bench_case *c,
			   const struct bench_sample *middle)
{
	double note = middle->note * middle->lane_share;

	json_object_set_new(out, "guard",
			    json_pack("{s:f, s:f, s:f, s:f}", "check", middle->check, "note", note, "sum",
				      middle->check + note, "share_of_total", (middle->check + note) / middle->total));
	json_object_set_new(out, "kernel",
			    json_pack("{s:f, s:f, s:f}", "ticks_per_lane", middle->kernel, "pkts_per_s",
				      results->tsc_hz / middle->kernel, "path_rate_over_kernel_rate",
				      bench_case_median(c, bench_number_kernel_rate_ratio)));
	json_object_set_new(out, "rate_over_forward_rate",
			    json_real(bench_case_ratio(c, bench_results_forward(results, c), bench_number_rate)));
}

static json_t *case_json(const struct bench_results *results, const struct bench_case *c)
{
	const struct bench_sample *middle = bench_case_middle(c);
	json_t *out = json_pack("{s:i, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:f, s:f, s:f, s:o, s:o}", "services",
				(int)c->services, "algorithm", bench_mix_name[c->mix], "pkts_per_s", middle->pkts_per_s,
				"gbit_per_s", middle->pkts_per_s * 1504e-9, "wall_pkts_per_s", middle->wall_pkts_per_s,
				"undisturbed", middle->undisturbed, "lanes_per_batch", middle->lanes, "keys_per_batch",
				middle->keys, "ticks_per_pkt", stages(middle), "total_ticks_per_pkt", middle->total,
				"replay_ticks_per_pkt", middle->replay, "sink_ticks_per_pkt", middle->sink,
				"totals_of_runs", totals(c), "checks", checks(c));

	if (c->mix != BENCH_CLEAR)
		add_scrambling(out, results, c, middle);
	return out;
}

void bench_json_print(const struct bench_results *results)
{
	json_t *out = json_pack("{s:s, s:O, s:[]}", "clock", "TSC ticks", "provenance", results->provenance, "cases");

	for (unsigned i = 0; i < results->cases; i++)
		json_array_append_new(json_object_get(out, "cases"), case_json(results, &results->c[i]));
	json_dumpf(out, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(out);
}
