// SPDX-License-Identifier: GPL-3.0-or-later
// The results for a person.
#include <stdio.h>

#include "path/results.h"

static void print_provenance(const struct bench_results *results)
{
	const char *key;
	json_t *value;

	json_object_foreach(results->provenance, key, value)
	{
		if (json_is_string(value))
			printf("# %-12s %s\n", key, json_string_value(value));
		else if (json_is_number(value))
			printf("# %-12s %.10g\n", key, json_number_value(value));
		else
			printf("# %-12s %s\n", key, json_is_true(value) ? "yes" : "no");
	}
	printf("#\n# Ticks are of the TSC (%.4f GHz) per transport packet taken in; the core's own clock may be "
	       "faster.\n"
	       "# Rates are without the time of replay and sink. Of each case the run with the median total is "
	       "shown.\n",
	       results->tsc_hz / 1e9);
}

static void print_name(const struct bench_case *c)
{
	printf("%8u %-6s %2u", c->lineup.services, bench_mix_name[c->lineup.mix], c->lineup.workers);
}

static void print_costs(const struct bench_case *c)
{
	const struct bench_sample *middle = bench_case_middle(c);
	double lowest, highest;

	bench_case_range(c, &lowest, &highest);
	print_name(c);
	printf(" %7.3f %7.2f %5.0f %5.0f |", middle->pkts_per_s / 1e6, middle->pkts_per_s * 1504e-9, middle->lanes,
	       middle->keys);
	for (unsigned s = 0; s < DP_STAGES; s++)
		printf(" %8.1f", middle->stage[s]);
	printf(" %6.1f %7.1f  %.1f..%.1f  %3.0f %%\n", middle->other, middle->total, lowest, highest,
	       100 * middle->undisturbed);
}

static void print_ratios(const struct bench_results *results, const struct bench_case *c)
{
	const struct bench_case *forward = bench_results_forward(results, c);
	const struct bench_sample *middle = bench_case_middle(c);
	double note = middle->note * middle->lane_share;

	print_name(c);
	printf("  cipher alone %.3f Mpkt/s; path %.2f of it (scrambled packets only %.2f), %.2f of the forward; bare "
	       "forward %.1f ticks; guard %.1f + %.1f ticks\n",
	       results->tsc_hz / middle->kernel / 1e6, bench_case_median(c, bench_number_kernel_rate_ratio),
	       bench_case_median(c, bench_number_lane_rate_ratio), bench_case_ratio(c, forward, bench_number_rate),
	       middle->bare, middle->check, note);
}

static void print_scale(const struct bench_results *results, const struct bench_case *c)
{
	const struct bench_case *ten = bench_results_beside(results, c, 10, c->lineup.workers);
	const struct bench_case *one = bench_results_beside(results, c, c->lineup.services, 1);

	if (c->lineup.services > 10 && ten) {
		print_name(c);
		printf("  a packet costs %.2f times as much as with 10 services\n",
		       bench_case_ratio(c, ten, bench_number_total));
	}
	if (c->lineup.workers > 1 && one) {
		print_name(c);
		printf("  %.2f times as many packets as one worker\n", bench_case_ratio(c, one, bench_number_rate));
	}
}

static void print_search(const struct bench_case *c)
{
	print_name(c);
	printf("  NDR %8.3f Mpkt/s (%7.2f Gbit/s)  PDR %8.3f  MRR %8.3f  %u trials, %u not sound; gaps %llu, at most "
	       "%.1f %% of a trial; longest between looks %.0f us; opened %llu packets\n",
	       c->ndr.holds / 1e6, c->ndr.holds * 1504e-9, c->pdr.holds / 1e6,
	       bench_case_median(c, bench_number_rate) / 1e6, c->trials.n, c->trials.unsound,
	       (unsigned long long)c->trials.gaps, 100 * c->trials.gap_share, c->trials.longest_us,
	       (unsigned long long)c->trials.opened_pkts);
}

static void print_percentiles(const char *what, const struct bench_percentiles *p)
{
	printf("   %-17s %7.1f %7.1f %7.1f %7.1f %9.1f  n=%u\n", what, p->p50, p->p90, p->p99, p->p999, p->max, p->n);
}

static void print_latency(const struct bench_case *c, const struct bench_latency *latency)
{
	unsigned n = latency->all.n;

	print_name(c);
	printf("  at %.0f %% of NDR; loss %.4f %%; %.1f %% of the samples were in gaps\n", 100 * latency->share,
	       100 * latency->loss, n ? 100.0 * (n - latency->quiet.n) / n : 0);
	print_percentiles("datagrams, all", &latency->all);
	print_percentiles("outside gaps", &latency->quiet);
	print_percentiles("packets, outside", &latency->quiet_packets);
}

static void print_rest(const struct bench_results *results)
{
	printf("\nNo loss (NDR), 0.5 %% (PDR), as fast as possible (MRR):\n");
	for (unsigned i = 0; i < results->cases; i++)
		if (results->c[i].searched)
			print_search(&results->c[i]);
	printf("\nDelay in us: p50, p90, p99, p99.9, largest. A datagram's from the arrival of its last packet, a "
	       "packet's "
	       "from its own.\n");
	for (unsigned i = 0; i < results->cases; i++)
		for (unsigned k = 0; k < BENCH_LATENCIES && results->c[i].searched; k++)
			print_latency(&results->c[i], &results->c[i].latency[k]);
}

void bench_table_print(const struct bench_results *results)
{
	print_provenance(results);
	printf("\n%8s %-6s %2s %7s %7s %5s %5s |", "services", "", "w", "Mpkt/s", "Gbit/s", "lanes", "keys");
	for (unsigned s = 0; s < DP_STAGES; s++)
		printf(" %8s", dp_stage_name[s]);
	printf(" %6s %7s  runs, undisturbed\n", "other", "total");
	for (unsigned i = 0; i < results->cases; i++)
		print_costs(&results->c[i]);
	printf("\nBeside the cipher alone (same keys and packets, full batches) and the plain forward of the same "
	       "frames:\n");
	for (unsigned i = 0; i < results->cases; i++)
		if (results->c[i].lineup.mix != BENCH_CLEAR)
			print_ratios(results, &results->c[i]);
	for (unsigned i = 0; i < results->cases; i++)
		print_scale(results, &results->c[i]);
	if (results->c[0].searched)
		print_rest(results);
	printf("\nWhat this program adds, in no figure above; memory of the dataplane and of the process:\n");
	for (unsigned i = 0; i < results->cases; i++) {
		const struct bench_sample *middle = bench_case_middle(&results->c[i]);

		print_name(&results->c[i]);
		printf("  replay %.1f, sink with its checks %.1f ticks/packet; with them %.3f Mpkt/s; %.1f MiB, "
		       "resident "
		       "%.1f MiB\n",
		       middle->replay, middle->sink, middle->wall_pkts_per_s / 1e6,
		       (double)results->c[i].memory_bytes / 1048576, (double)results->c[i].rss_bytes / 1048576);
	}
}
