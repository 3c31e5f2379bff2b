// SPDX-License-Identifier: GPL-3.0-or-later
// options -> clock -> EAL -> runs, interleaved -> searches -> results.
#include "path/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>

#include <base_log.h>

#include "path/campaign.h"
#include "path/provenance.h"
#include "path/results.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2, CALIBRATE_MS = 200 };

static void list_cases(struct bench_results *results, const struct bench_options *options)
{
	for (unsigned w = 0; w < options->worker_counts; w++)
		for (unsigned i = 0; i < options->counts; i++)
			for (unsigned mix = 0; mix < BENCH_MIXES; mix++)
				if (mix == BENCH_CLEAR || options->mix[mix])
					results->c[results->cases++] =
						(struct bench_case){.lineup = {options->services[i],
									       options->workers[w],
									       (enum bench_mix)mix},
								    .runs = options->runs};
}

const struct bench_case *bench_results_forward(const struct bench_results *results, const struct bench_case *c)
{
	while (c->lineup.mix != BENCH_CLEAR && c > results->c)
		c--;
	return c;
}

const struct bench_case *bench_results_beside(const struct bench_results *results, const struct bench_case *c,
					      unsigned services, unsigned workers)
{
	for (unsigned i = 0; i < results->cases; i++) {
		const struct bench_lineup *lineup = &results->c[i].lineup;

		if (lineup->mix == c->lineup.mix && lineup->services == services && lineup->workers == workers)
			return &results->c[i];
	}
	return NULL;
}

static void say(const struct bench_case *c, const char *what)
{
	fprintf(stderr, "%s: %u services, %s, %u worker%s\n", what, c->lineup.services, bench_mix_name[c->lineup.mix],
		c->lineup.workers, c->lineup.workers > 1 ? "s" : "");
}

// Every case once, then every case again: what disturbs the machine disturbs them alike.
static int run_all(struct bench_results *results, const struct bench_campaign *campaign, struct base_errs *errs)
{
	char what[64];

	for (unsigned r = 0; r < campaign->options->runs; r++)
		for (unsigned i = 0; i < results->cases; i++) {
			struct bench_case *c = &results->c[i];

			if (bench_campaign_run(campaign, c, r, errs))
				return EXIT_RUN;
			snprintf(what, sizeof(what), "run %u/%u: %.3f Mpkt/s, %.0f %% of the time undisturbed", r + 1,
				 c->runs, c->sample[r].pkts_per_s / 1e6, 100 * c->sample[r].undisturbed);
			say(c, what);
		}
	return 0;
}

static int search_all(struct bench_results *results, const struct bench_campaign *campaign, struct base_errs *errs)
{
	char what[64];

	for (unsigned i = 0; i < results->cases && !campaign->options->costs_only; i++) {
		snprintf(what, sizeof(what), "search %u/%u", i + 1, results->cases);
		say(&results->c[i], what);
		if (bench_campaign_search(campaign, &results->c[i], errs))
			return EXIT_RUN;
	}
	return 0;
}

static bool all_sound(const struct bench_results *results)
{
	for (unsigned i = 0; i < results->cases; i++)
		if (results->c[i].trials.unsound)
			return false;
	return true;
}

// The EAL takes lcores, memory and devices, which all cases have in common, from the largest.
static int start_eal(const struct bench_options *options, struct dp_conf *conf, struct base_errs *errs)
{
	struct bench_lineup lineup = {.services = 1, .workers = 1, .mix = BENCH_CLEAR};

	for (unsigned w = 0; w < options->worker_counts; w++)
		lineup.workers = options->workers[w] > lineup.workers ? options->workers[w] : lineup.workers;
	int rc = bench_compose_conf(conf, options, &lineup, errs);

	return rc ? rc : dp_eal_start(conf, "bulkhead-bench", errs);
}

static int measure(const struct bench_options *options, struct bench_results *results, struct dp_conf *conf,
		   struct base_errs *errs)
{
	struct base_clock clock;
	struct bench_campaign campaign = {.options = options, .clock = &clock, .conf = conf};
	int rc = base_clock_calibrate(&clock, CALIBRATE_MS);

	if (rc) {
		base_errs_add(errs, "clock", "the time stamp counter cannot be used: %s", strerror(-rc));
		return EXIT_RUN;
	}
	list_cases(results, options);
	if (start_eal(options, conf, errs))
		return EXIT_RUN;
	results->tsc_hz = (double)clock.tsc_hz;
	results->provenance = bench_provenance_json(options, &clock);
	rc = run_all(results, &campaign, errs);
	if (!rc)
		rc = search_all(results, &campaign, errs);
	if (base_errs_none(errs))
		rc = bench_results_out(results, options) || rc || !all_sound(results) ? EXIT_RUN : 0;
	json_decref(results->provenance);
	rte_eal_cleanup();
	return rc;
}

int bench_path_main(int argc, char **argv)
{
	struct bench_options options;
	struct bench_results results = {0};
	int rc = bench_options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : EXIT_USAGE;
	base_log_init("bulkhead-bench");
	base_log_set_levels("warning"); // every case would name its ciphers again
	struct dp_conf *conf = calloc(1, sizeof(*conf));
	struct base_errs *errs = calloc(1, sizeof(*errs));

	results.c = calloc(BENCH_CASES_MAX, sizeof(*results.c));
	rc = conf && errs && results.c ? measure(&options, &results, conf, errs) : EXIT_RUN;
	if (errs)
		base_errs_print(errs, stderr, "bulkhead-bench path: ");
	free(results.c);
	free(conf);
	free(errs);
	return rc;
}
