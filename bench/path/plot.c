// SPDX-License-Identifier: GPL-3.0-or-later
// The plots: cost by stage, rates by services, delay by load.
#include <stdio.h>

#include "gnuplot.h"
#include "path/results.h"

// Cases of one algorithm with one worker.
static bool drawn(const struct bench_case *c, enum bench_mix mix)
{
	return c->lineup.mix == mix && c->lineup.workers == 1;
}

static void plot_stages(FILE *in, const struct bench_results *results, const char *folder)
{
	bench_gnuplot_begin(in, folder, "path-stages", "cost of a transport packet by stage, one worker");
	fprintf(in, "set ylabel 'TSC ticks per packet'\nset style data histogram\nset style histogram rowstacked\n"
		    "set style fill solid 0.8\nset boxwidth 0.7\nset xtics rotate by -35 noenhanced\n"
		    "set yrange [0:*]\nset key outside right\n$d << EOD\n");
	for (unsigned i = 0; i < results->cases; i++) {
		const struct bench_case *c = &results->c[i];

		if (c->lineup.workers != 1)
			continue;
		fprintf(in, "\"%u %s\"", c->lineup.services, bench_mix_name[c->lineup.mix]);
		for (unsigned s = 0; s < DP_STAGES; s++)
			fprintf(in, " %.3f", bench_case_middle(c)->stage[s]);
		fputc('\n', in);
	}
	fprintf(in, "EOD\nplot");
	for (unsigned s = 0; s < DP_STAGES; s++)
		fprintf(in, "%s $d using %u%s title '%s'", s ? "," : "", s + 2, s ? "" : ":xtic(1)", dp_stage_name[s]);
	fputc('\n', in);
}

// A curve for each algorithm that was measured.
typedef void line_fn(FILE *in, const struct bench_case *c);

static void plot_curves(FILE *in, const struct bench_results *results, line_fn *line, const char *columns)
{
	const char *separator = "";

	for (unsigned mix = 0; mix < BENCH_MIXES; mix++) {
		fprintf(in, "$d%u << EOD\n", mix);
		for (unsigned i = 0; i < results->cases; i++)
			if (drawn(&results->c[i], (enum bench_mix)mix))
				line(in, &results->c[i]);
		fprintf(in, "EOD\n");
	}
	fprintf(in, "plot");
	for (unsigned mix = 0; mix < BENCH_MIXES; mix++) {
		bool any = false;

		for (unsigned i = 0; i < results->cases; i++)
			any |= drawn(&results->c[i], (enum bench_mix)mix);
		if (!any)
			continue;
		fprintf(in, "%s $d%u using %s with linespoints pointtype 7 title '%s'", separator, mix, columns,
			bench_mix_name[mix]);
		separator = ",";
	}
	fputc('\n', in);
}

static void rate_line(FILE *in, const struct bench_case *c)
{
	double rate = c->searched ? c->ndr.holds : bench_case_median(c, bench_number_rate);

	fprintf(in, "%u %.4f\n", c->lineup.services, rate * 1504e-9);
}

static void plot_rates(FILE *in, const struct bench_results *results, const char *folder)
{
	bench_gnuplot_begin(in, folder, "path-rate",
			    "no-loss rate of one worker by the number of services, each with its own key");
	fprintf(in, "set xlabel 'services'\nset ylabel 'Gbit/s of transport packets'\nset logscale x 10\n"
		    "set yrange [0:*]\nset key outside right\n");
	plot_curves(in, results, rate_line, "1:2");
}

static void delay_line(FILE *in, const struct bench_case *c)
{
	if (c->searched && c->lineup.services == 1000)
		for (unsigned i = 0; i < BENCH_LATENCIES; i++)
			fprintf(in, "%.0f %.2f %.2f\n", 100 * c->latency[i].share, c->latency[i].quiet.p50,
				c->latency[i].quiet.p99);
}

static void plot_delays(FILE *in, const struct bench_results *results, const char *folder)
{
	bench_gnuplot_begin(in, folder, "path-delay", "added delay of a datagram at 1000 services, outside gaps: p99");
	fprintf(in, "set xlabel '%% of the no-loss rate'\nset ylabel 'microseconds'\nset xrange [0:100]\n"
		    "set yrange [0:*]\nset key outside right\n");
	plot_curves(in, results, delay_line, "1:3");
}

int bench_plots_draw(const struct bench_results *results, const char *folder)
{
	struct bench_gnuplot gnuplot;
	int rc = bench_gnuplot_open(&gnuplot, "path", folder);
	bool several = false, thousand = false;

	if (rc)
		return rc;
	for (unsigned i = 0; i < results->cases; i++) {
		several |= results->c[i].lineup.services != results->c[0].lineup.services;
		thousand |= results->c[i].searched && results->c[i].lineup.services == 1000 &&
			    results->c[i].lineup.workers == 1;
	}
	plot_stages(gnuplot.in, results, folder);
	if (several)
		plot_rates(gnuplot.in, results, folder);
	if (thousand)
		plot_delays(gnuplot.in, results, folder);
	return bench_gnuplot_close(&gnuplot);
}
