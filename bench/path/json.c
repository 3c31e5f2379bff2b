// SPDX-License-Identifier: GPL-3.0-or-later
// The results as JSON: the middle run of each case, ratios as medians over the runs, and every run's total.
#include <errno.h>
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

static json_t *trials(const struct bench_trials *trials)
{
	return json_pack("{s:i, s:i, s:I, s:I, s:I, s:f, s:f}", "trials", (int)trials->n, "unsound",
			 (int)trials->unsound, "watched_pkts", (json_int_t)trials->watched_pkts, "opened_pkts",
			 (json_int_t)trials->opened_pkts, "gaps", (json_int_t)trials->gaps, "gap_share_largest",
			 trials->gap_share, "longest_us", trials->longest_us);
}

static json_t *bracket(const struct bench_bracket *bracket)
{
	return json_pack("{s:f, s:f, s:f, s:i}", "pkts_per_s", bracket->holds, "gbit_per_s", bracket->holds * 1504e-9,
			 "breaks_at_pkts_per_s", bracket->breaks, "trials", (int)bracket->trials);
}

static json_t *percentiles(const struct bench_percentiles *p)
{
	return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f}", "samples", (int)p->n, "p50", p->p50, "p90", p->p90, "p99",
			 p->p99, "p99_9", p->p999, "max", p->max);
}

static json_t *latency(const struct bench_latency *latency)
{
	unsigned n = latency->all.n;

	return json_pack("{s:f, s:f, s:f, s:o, s:o, s:o}", "share_of_ndr", latency->share, "loss", latency->loss,
			 "share_in_gaps", n ? (double)(n - latency->quiet.n) / n : 0, "all_us",
			 percentiles(&latency->all), "outside_gaps_us", percentiles(&latency->quiet),
			 "packets_outside_gaps_us", percentiles(&latency->quiet_packets));
}

static void add_scrambling(json_t *out, const struct bench_results *results, const struct bench_case *c,
			   const struct bench_sample *middle)
{
	double note = middle->note * middle->lane_share;

	json_object_set_new(out, "guard",
			    json_pack("{s:f, s:f, s:f, s:f}", "check", middle->check, "note", note, "sum",
				      middle->check + note, "share_of_total", (middle->check + note) / middle->total));
	json_object_set_new(out, "kernel",
			    json_pack("{s:f, s:f, s:f, s:f}", "ticks_per_lane", middle->kernel, "pkts_per_s",
				      results->tsc_hz / middle->kernel, "path_rate_over_kernel_rate",
				      bench_case_median(c, bench_number_kernel_rate_ratio),
				      "scrambled_rate_over_kernel_rate",
				      bench_case_median(c, bench_number_lane_rate_ratio)));
	json_object_set_new(out, "rate_over_forward_rate",
			    json_real(bench_case_ratio(c, bench_results_forward(results, c), bench_number_rate)));
}

static void add_scale(json_t *out, const struct bench_results *results, const struct bench_case *c)
{
	const struct bench_case *ten = bench_results_beside(results, c, 10, c->lineup.workers);
	const struct bench_case *one = bench_results_beside(results, c, c->lineup.services, 1);

	if (ten)
		json_object_set_new(out, "cost_over_10_services",
				    json_real(bench_case_ratio(c, ten, bench_number_total)));
	if (one)
		json_object_set_new(out, "rate_over_one_worker",
				    json_real(bench_case_ratio(c, one, bench_number_rate)));
}

static void add_search(json_t *out, const struct bench_case *c)
{
	json_object_set_new(out, "ndr", bracket(&c->ndr));
	json_object_set_new(out, "pdr", bracket(&c->pdr));
	json_object_set_new(out, "latency", json_array());
	for (unsigned i = 0; i < BENCH_LATENCIES; i++)
		json_array_append_new(json_object_get(out, "latency"), latency(&c->latency[i]));
}

static json_t *case_json(const struct bench_results *results, const struct bench_case *c)
{
	const struct bench_sample *middle = bench_case_middle(c);
	json_t *out =
		json_pack("{s:i, s:s, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:f, s:f, s:f, s:f, s:o, s:o, s:I, s:I}",
			  "services", (int)c->lineup.services, "algorithm", bench_mix_name[c->lineup.mix], "workers",
			  (int)c->lineup.workers, "pkts_per_s", middle->pkts_per_s, "gbit_per_s",
			  middle->pkts_per_s * 1504e-9, "wall_pkts_per_s", middle->wall_pkts_per_s, "undisturbed",
			  middle->undisturbed, "lanes_per_batch", middle->lanes, "keys_per_batch", middle->keys,
			  "ticks_per_pkt", stages(middle), "total_ticks_per_pkt", middle->total, "replay_ticks_per_pkt",
			  middle->replay, "sink_ticks_per_pkt", middle->sink, "bare_forward_ticks_per_pkt",
			  middle->bare, "totals_of_runs", totals(c), "checks", trials(&c->trials), "memory_bytes",
			  (json_int_t)c->memory_bytes, "rss_bytes", (json_int_t)c->rss_bytes);

	if (c->lineup.mix != BENCH_CLEAR)
		add_scrambling(out, results, c, middle);
	add_scale(out, results, c);
	if (c->searched)
		add_search(out, c);
	return out;
}

int bench_json_write(const struct bench_results *results, const char *file)
{
	json_t *out = json_pack("{s:s, s:O, s:[]}", "clock", "TSC ticks", "provenance", results->provenance, "cases");

	for (unsigned i = 0; i < results->cases; i++)
		json_array_append_new(json_object_get(out, "cases"), case_json(results, &results->c[i]));
	int rc = json_dump_file(out, file, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) ? -EIO : 0;

	json_decref(out);
	if (rc)
		fprintf(stderr, "bulkhead-bench path: %s cannot be written\n", file);
	return rc;
}
