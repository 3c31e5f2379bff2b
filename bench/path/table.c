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
		else if (json_is_integer(value))
			printf("# %-12s %lld\n", key, (long long)json_integer_value(value));
		else
			printf("# %-12s %s\n", key, json_is_true(value) ? "yes" : "no");
	}
	printf("#\n# Ticks are of the TSC (%.4f GHz) per transport packet taken in; the core's own clock may be "
	       "faster.\n"
	       "# Rates are without the time of replay and sink. Of each case the run with the median total is "
	       "shown.\n",
	       results->tsc_hz / 1e9);
}

static void print_head(void)
{
	printf("\n%8s %-6s %7s %7s %6s %6s |", "services", "", "Mpkt/s", "Gbit/s", "lanes", "keys");
	for (unsigned s = 0; s < DP_STAGES; s++)
		printf(" %8s", dp_stage_name[s]);
	printf(" %8s %8s\n", "other", "total");
}

static void print_case(const struct bench_case *c)
{
	const struct bench_sample *middle = bench_case_middle(c);
	double lowest, highest;

	bench_case_range(c, &lowest, &highest);
	printf("%8u %-6s %7.3f %7.3f %6.0f %6.0f |", c->services, bench_mix_name[c->mix], middle->pkts_per_s / 1e6,
	       middle->pkts_per_s * 1504e-9, middle->lanes, middle->keys);
	for (unsigned s = 0; s < DP_STAGES; s++)
		printf(" %8.1f", middle->stage[s]);
	printf(" %8.1f %8.1f\n%45s |", middle->other, middle->total, "share of total");
	for (unsigned s = 0; s < DP_STAGES; s++)
		printf(" %7.1f%%", 100 * middle->stage[s] / middle->total);
	printf(" %7.1f%%  runs %.1f .. %.1f\n", 100 * middle->other / middle->total, lowest, highest);
}

static void print_guard(const struct bench_case *c)
{
	const struct bench_sample *middle = bench_case_middle(c);
	double note = middle->note * middle->lane_share, sum = middle->check + note;

	printf("%8u %-6s guard: tx check %.1f ticks + note at rx %.1f ticks = %.1f ticks/packet, %.1f %% of the "
	       "total\n",
	       c->services, bench_mix_name[c->mix], middle->check, note, sum, 100 * sum / middle->total);
}

static void print_ratios(const struct bench_results *results, const struct bench_case *c)
{
	const struct bench_case *forward = bench_results_forward(results, c);
	const struct bench_sample *middle = bench_case_middle(c);
	double kernel = results->tsc_hz / middle->kernel;

	printf("%8u %-6s kernel alone %.3f Mpkt/s (%.3f Gbit/s, %.1f ticks); plain forward %.3f Mpkt/s (%.3f Gbit/s); "
	       "path = %.2f x kernel, %.2f x forward\n",
	       c->services, bench_mix_name[c->mix], kernel / 1e6, kernel * 1504e-9, middle->kernel,
	       bench_case_median(forward, bench_number_rate) / 1e6,
	       bench_case_median(forward, bench_number_rate) * 1504e-9,
	       bench_case_median(c, bench_number_kernel_rate_ratio), bench_case_ratio(c, forward, bench_number_rate));
}

static void print_harness(const struct bench_case *c)
{
	const struct bench_sample *middle = bench_case_middle(c);

	printf("%8u %-6s replay %.1f, sink %.1f ticks/packet; with them %.3f Mpkt/s; %.0f %% of the time undisturbed\n",
	       c->services, bench_mix_name[c->mix], middle->replay, middle->sink, middle->wall_pkts_per_s / 1e6,
	       100 * middle->undisturbed);
}

void bench_table_print(const struct bench_results *results)
{
	print_provenance(results);
	print_head();
	for (unsigned i = 0; i < results->cases; i++)
		print_case(&results->c[i]);
	printf("\nThe guard, by timing its two halves by themselves on the same packets in cache:\n");
	for (unsigned i = 0; i < results->cases; i++)
		if (results->c[i].mix != BENCH_CLEAR)
			print_guard(&results->c[i]);
	printf("\nThe same keys and packets in the cipher alone (full batches), the same frames forwarded in clear:\n");
	for (unsigned i = 0; i < results->cases; i++)
		if (results->c[i].mix != BENCH_CLEAR)
			print_ratios(results, &results->c[i]);
	printf("\nWhat this program adds, in no figure above (frames are copied into mbufs 1024 datagrams ahead):\n");
	for (unsigned i = 0; i < results->cases; i++)
		print_harness(&results->c[i]);
}
