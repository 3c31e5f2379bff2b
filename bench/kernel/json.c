// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel/report.h"

static json_t *row_json(const struct bench_set *set, const struct bench_row *row, const struct base_clock *clock)
{
	struct bench_figures f = bench_figures_of(set, row, clock);
	const struct bench_contender *c = row->contender;

	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:i, s:i, s:i, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:s?}",
			 "algorithm", dp_algorithm[set->algorithm].name, "implementation", c->name, "isa", c->isa,
			 "outside", c->outside, "keys", bench_keys_name(row), "keys_per_batch",
			 (int)(row->shape.keys < row->shape.fill ? row->shape.keys : row->shape.fill), "lanes",
			 (int)c->lanes, "fill", (int)row->shape.fill, "lengths", row->shape.odd ? "10 % odd" : "184",
			 "mpkt_per_s", f.pkts_per_s / 1e6, "gbit_per_s", f.gbit_per_s, "cycles_per_pkt",
			 f.cycles_per_pkt, "ns_per_pkt", f.ns_per_pkt, "spread", f.spread, "ratio_to_best_other",
			 f.ratio_to_best_other, "ratio_same_shape", f.ratio_same_shape, "best_other", f.best_other);
}

void bench_kernel_json(const struct bench_set *set, const struct base_clock *clock, json_t *results, json_t *set_up)
{
	for (unsigned i = 0; i < set->rows; i++)
		json_array_append_new(results, row_json(set, &set->row[i], clock));
	for (unsigned i = 0; i < set->contenders; i++)
		json_array_append_new(set_up,
				      json_pack("{s:s, s:s, s:s, s:f}", "algorithm", dp_algorithm[set->algorithm].name,
						"implementation", set->contender[i].name, "isa", set->contender[i].isa,
						"ns", bench_set_key_ns(set, i, clock)));
}
