// SPDX-License-Identifier: GPL-3.0-or-later
// The plots.
#include <stdio.h>

#include "gnuplot.h"
#include "kernel/report.h"

// Cycles where the core's clock is known, else nanoseconds.
static double cost(const struct bench_set *set, const struct bench_row *row, const struct base_clock *clock)
{
	struct bench_figures f = bench_figures_of(set, row, clock);

	return f.cycles_per_pkt > 0 ? f.cycles_per_pkt : f.ns_per_pkt;
}

static void begin(FILE *gnuplot, const struct bench_set *set, const char *folder, const char *what, const char *title)
{
	const char *algorithm = dp_algorithm[set->algorithm].name;
	char name[64], whole[128];

	snprintf(name, sizeof(name), "%s-%s", algorithm, what);
	snprintf(whole, sizeof(whole), "%s: %s", algorithm, title);
	bench_gnuplot_begin(gnuplot, folder, name, whole);
}

static bool drawn_full(const struct bench_row *row)
{
	unsigned keys = row->shape.keys;

	return bench_row_full(row) && !row->shape.odd && (keys == 1 || keys >= row->shape.fill);
}

static void plot_rate(FILE *gnuplot, const struct bench_set *set, const struct base_clock *clock, const char *folder)
{
	begin(gnuplot, set, folder, "rate", "full batches of 184-byte payloads, one core");
	fprintf(gnuplot,
		"set ylabel 'Gbit/s of transport packets'\nset style data histogram\n"
		"set style histogram clustered gap 1\nset style fill solid 0.8\nset xtics rotate by -25 noenhanced\n"
		"set yrange [0:*]\nset key top right\n$d << EOD\n");
	for (unsigned i = 0; i < set->contenders; i++) {
		const struct bench_contender *c = &set->contender[i];

		fprintf(gnuplot, "\"%s %s\"", c->name, c->isa);
		for (unsigned k = 0; k < set->rows; k++)
			if (set->row[k].contender == c && drawn_full(&set->row[k]))
				fprintf(gnuplot, " %.4f", bench_figures_of(set, &set->row[k], clock).gbit_per_s);
		fputc('\n', gnuplot);
	}
	fprintf(gnuplot, "EOD\nplot $d using 2:xtic(1) title 'one key', $d using 3 title 'a key in every lane'\n");
}

typedef bool wants_fn(const struct bench_row *row);

// Ours with a key in every lane, libraries with one.
static bool on_fill_curve(const struct bench_row *row)
{
	return !row->shape.odd && row->shape.keys == (row->contender->outside ? 1 : BENCH_LOAD_PKTS);
}

static bool on_keys_curve(const struct bench_row *row)
{
	return !row->shape.odd && bench_row_full(row);
}

static double rate(const struct bench_set *set, const struct bench_row *row, const struct base_clock *clock)
{
	return bench_figures_of(set, row, clock).gbit_per_s;
}

// One curve for each contender, the full batch last.
static void plot_curves(FILE *gnuplot, const struct bench_set *set, const struct base_clock *clock, wants_fn *wants,
			bool over_keys)
{
	unsigned drawn = 0;

	for (unsigned i = 0; i < set->contenders; i++) {
		fprintf(gnuplot, "$d%u << EOD\n", i);
		for (unsigned k = 0; k < 2 * set->rows; k++) {
			const struct bench_row *row = &set->row[k % set->rows];
			unsigned keys = row->shape.keys < row->shape.fill ? row->shape.keys : row->shape.fill;

			if (row->contender == &set->contender[i] && wants(row) &&
			    bench_row_full(row) == (k >= set->rows))
				fprintf(gnuplot, "%u %.4f\n", over_keys ? keys : row->shape.fill,
					over_keys ? rate(set, row, clock) : cost(set, row, clock));
		}
		fprintf(gnuplot, "EOD\n");
	}
	fprintf(gnuplot, "plot");
	for (unsigned i = 0; i < set->contenders; i++) {
		const struct bench_contender *c = &set->contender[i];

		if (!c->alone)
			fprintf(gnuplot,
				"%s $d%u using 1:2 with linespoints pointtype 7 dashtype %u title '%s' noenhanced",
				drawn++ ? "," : "", i, c->outside ? 2U : 1U, c->outside ? c->name : c->isa);
	}
	fputc('\n', gnuplot);
}

static void plot_fill(FILE *gnuplot, const struct bench_set *set, const struct base_clock *clock, const char *folder)
{
	begin(gnuplot, set, folder, "fill",
	      "cost of a packet by batch fill; a key in every lane, libraries with one key");
	fprintf(gnuplot,
		"set xlabel 'packets in the batch'\nset ylabel '%s per packet'\nset logscale xy 2\n"
		"set key outside right\n",
		set->cycles_per_tick[0] > 0 ? "core cycles" : "ns");
	plot_curves(gnuplot, set, clock, on_fill_curve, false);
}

static void plot_keys(FILE *gnuplot, const struct bench_set *set, const struct base_clock *clock, const char *folder)
{
	begin(gnuplot, set, folder, "keys", "full batches by the number of keys in them");
	fprintf(gnuplot, "set xlabel 'keys in the batch'\nset ylabel 'Gbit/s of transport packets'\nset logscale x 2\n"
			 "set yrange [0:*]\nset key outside right\n");
	plot_curves(gnuplot, set, clock, on_keys_curve, true);
}

int bench_kernel_plot(const struct bench_set *set, const struct base_clock *clock, const char *folder)
{
	struct bench_gnuplot gnuplot;
	int rc = bench_gnuplot_open(&gnuplot, "kernel", folder);

	if (rc)
		return rc;
	plot_rate(gnuplot.in, set, clock, folder);
	plot_fill(gnuplot.in, set, clock, folder);
	plot_keys(gnuplot.in, set, clock, folder);
	return bench_gnuplot_close(&gnuplot);
}
