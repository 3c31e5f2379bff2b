// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel/report.h"

struct bench_figures bench_figures_of(const struct bench_set *set, const struct bench_row *row,
				      const struct base_clock *clock)
{
	const struct bench_row *best = bench_set_best_outside(set, NULL), *same = bench_set_best_outside(set, row);
	double ticks = bench_median(row->ticks, set->rounds), hz = (double)clock->tsc_hz;

	return (struct bench_figures){
		.pkts_per_s = hz / ticks,
		.gbit_per_s = hz / ticks * BENCH_PKT_BITS * 1e-9,
		.ns_per_pkt = ticks / hz * 1e9,
		.cycles_per_pkt = ticks * bench_median(set->cycles_per_tick, set->rounds),
		.spread = (bench_tenth(row->ticks, set->rounds, true) - bench_tenth(row->ticks, set->rounds, false)) /
			  ticks,
		.ratio_to_best_other = best ? bench_row_ratio(set, row, best) : 0,
		.ratio_same_shape = same ? bench_row_ratio(set, row, same) : 0,
		.best_other = best ? best->contender->name : NULL,
	};
}

const char *bench_keys_name(const struct bench_row *row)
{
	return row->shape.keys == 1 ? "one" : "per-lane";
}

double bench_set_key_ns(const struct bench_set *set, unsigned contender, const struct base_clock *clock)
{
	return set->set_key_ticks[contender] / (double)clock->tsc_hz * 1e9;
}
