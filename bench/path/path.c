// SPDX-License-Identifier: GPL-3.0-or-later
// options -> clock -> EAL -> runs, interleaved -> results.
#include "path/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>

#include <base_log.h>

#include "path/compose.h"
#include "path/provenance.h"
#include "path/results.h"
#include "path/run.h"
#include "port/port.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2, CALIBRATE_MS = 200 };

static void list_cases(struct bench_results *results, const struct bench_options *options)
{
	for (unsigned i = 0; i < options->counts; i++)
		for (unsigned mix = 0; mix < BENCH_MIXES; mix++)
			if (mix == BENCH_CLEAR || options->mix[mix])
				results->c[results->cases++] = (struct bench_case){.services = options->services[i],
										   .mix = (enum bench_mix)mix,
										   .runs = options->runs};
}

const struct bench_case *bench_results_forward(const struct bench_results *results, const struct bench_case *c)
{
	while (c->mix != BENCH_CLEAR && c > results->c)
		c--;
	return c;
}

bool bench_sample_sound(const struct bench_sample *sample)
{
	return sample->checked_pkts && !sample->wrong_pkts && !sample->guard_drops && !sample->other_drops &&
	       !sample->continuity_errors;
}

static void report(const struct bench_case *c, unsigned run, const struct bench_sample *sample)
{
	fprintf(stderr, "run %u/%u: %u services, %s: %.3f Mpkt/s, %.0f %% of the time undisturbed\n", run + 1, c->runs,
		c->services, bench_mix_name[c->mix], sample->pkts_per_s / 1e6, 100 * sample->undisturbed);
	if (!bench_sample_sound(sample))
		fprintf(stderr,
			"not sound: %llu of %llu packets looked at are not as they should be, %llu dropped by the "
			"guard, %llu otherwise, %llu continuity errors\n",
			(unsigned long long)sample->wrong_pkts, (unsigned long long)sample->checked_pkts,
			(unsigned long long)sample->guard_drops, (unsigned long long)sample->other_drops,
			(unsigned long long)sample->continuity_errors);
}

// Every case once, then every case again: what disturbs the machine disturbs them alike.
static int run_all(struct bench_results *results, struct bench_run *run, struct base_errs *errs)
{
	int wrong = 0;

	for (unsigned r = 0; r < run->options->runs; r++)
		for (unsigned i = 0; i < results->cases; i++) {
			struct bench_case *c = &results->c[i];

			run->services = c->services;
			run->mix = c->mix;
			if (bench_run(run, &c->sample[r], errs))
				return EXIT_RUN;
			report(c, r, &c->sample[r]);
			wrong |= !bench_sample_sound(&c->sample[r]);
		}
	return wrong ? EXIT_RUN : 0;
}

static int measure(const struct bench_options *options, struct bench_results *results, struct dp_conf *conf,
		   struct base_errs *errs)
{
	struct base_clock clock;
	struct bench_run run = {.options = options, .clock = &clock, .conf = conf};
	int rc = base_clock_calibrate(&clock, CALIBRATE_MS);

	if (rc) {
		base_errs_add(errs, "clock", "the time stamp counter cannot be used: %s", strerror(-rc));
		return EXIT_RUN;
	}
	list_cases(results, options);
	// The EAL takes lcores, memory and devices, which all cases have in common, from the first.
	rc = bench_compose_conf(conf, options, BENCH_CLEAR, 1, errs);
	if (!rc)
		rc = dp_eal_start(conf, "bulkhead-bench", errs);
	if (rc)
		return EXIT_RUN;
	results->tsc_hz = (double)clock.tsc_hz;
	results->provenance = bench_provenance_json(options, &clock);
	rc = run_all(results, &run, errs);
	if (base_errs_none(errs))
		(options->json ? bench_json_print : bench_table_print)(results);
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
