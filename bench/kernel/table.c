// SPDX-License-Identifier: GPL-3.0-or-later
// The results for a person.
#include <stdio.h>

#include "kernel/report.h"

static void print_full(const struct bench_set *set, const struct bench_row *row, const struct base_clock *clock)
{
	struct bench_figures f = bench_figures_of(set, row, clock);
	const struct bench_contender *c = row->contender;
	char keys[16];

	snprintf(keys, sizeof(keys), "%u", row->shape.keys);
	printf("%-8s %-10s %-12s %5u %-8s %-8s %9.3f %9.3f %9.1f %7.1f%%", dp_algorithm[set->algorithm].name, c->name,
	       c->isa, row->shape.fill, row->shape.keys < row->shape.fill ? keys : "per-lane",
	       row->shape.odd ? "10 % odd" : "184", f.pkts_per_s / 1e6, f.gbit_per_s, f.cycles_per_pkt, 100 * f.spread);
	if (f.best_other && !c->outside)
		printf(" %8.2fx %8.2fx", f.ratio_to_best_other, f.ratio_same_shape);
	putchar('\n');
}

// Time of a call by its fill, over that of a full batch.
static void print_fill(const struct bench_set *set, const struct bench_contender *c)
{
	const struct bench_row *full = NULL;

	for (unsigned i = 0; i < set->rows; i++)
		if (set->row[i].contender == c && bench_row_full(&set->row[i]) && !set->row[i].shape.odd)
			full = &set->row[i]; // the last of them has the most keys
	printf("%-8s %-12s fill", dp_algorithm[set->algorithm].name, c->isa);
	for (unsigned i = 0; i < set->rows; i++) {
		const struct bench_row *row = &set->row[i];

		if (row->contender == c && !bench_row_full(row) && full)
			printf("  %u:%.2f", row->shape.fill,
			       row->shape.fill / bench_row_ratio(set, row, full) / full->shape.fill);
	}
	putchar('\n');
}

void bench_kernel_table(const struct bench_set *set, const struct base_clock *clock)
{
	printf("\n%-8s %-10s %-12s %5s %-8s %-8s %9s %9s %9s %8s %9s %9s\n", "", "", "isa", "fill", "keys", "bytes",
	       "Mpkt/s", "Gbit/s", "cycles", "spread", "to best", "same");
	for (unsigned i = 0; i < set->rows; i++)
		if (bench_row_full(&set->row[i]))
			print_full(set, &set->row[i], clock);
	printf("\nTime of a call with fewer packets, each with its own key, over that of a full batch:\n");
	for (unsigned i = 0; i < set->contenders; i++)
		if (!set->contender[i].outside && !set->contender[i].alone)
			print_fill(set, &set->contender[i]);
	printf("\nKey set-up, ns:");
	for (unsigned i = 0; i < set->contenders; i++)
		printf("  %s %s %.0f", set->contender[i].name, set->contender[i].isa, bench_set_key_ns(set, i, clock));
	putchar('\n');
}
