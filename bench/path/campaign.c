// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/campaign.h"

#include <stdio.h>

#include "path/count.h"
#include "path/memory.h"
#include "path/probe.h"

enum { KERNEL_MAX_MS = 250, PHASES = 3, SEARCH_CATCHES = 512, LATENCY_CATCHES = 12000 };

static const double search_width = 0.005, pdr_loss = 0.005, above_mrr = 1.2;
static const double shares[BENCH_LATENCIES] = {0.1, 0.5, 0.9};

static struct bench_rig rig_of(const struct bench_campaign *campaign, const struct bench_case *c)
{
	return (struct bench_rig){.options = campaign->options,
				  .clock = campaign->clock,
				  .lineup = c->lineup,
				  .conf = campaign->conf};
}

// A trial, with what it saw added to the case's.
static double try_it(struct bench_rig *rig, struct bench_case *c, const struct bench_trial *trial,
		     struct bench_delays *datagrams, struct bench_delays *packets)
{
	struct bench_outcome outcome;
	struct bench_trials *sum = &c->trials;

	bench_rig_try(rig, trial, &outcome, datagrams, packets);
	sum->n++;
	sum->watched_pkts += outcome.watched.pkts;
	sum->opened_pkts += outcome.verdict.opened;
	sum->gaps += outcome.gaps;
	sum->gap_share = outcome.gap_share > sum->gap_share ? outcome.gap_share : sum->gap_share;
	sum->longest_us = outcome.longest_us > sum->longest_us ? outcome.longest_us : sum->longest_us;
	if (!bench_outcome_sound(&outcome)) {
		sum->unsound++;
		bench_outcome_explain(&outcome);
		return 1;
	}
	return bench_outcome_loss(&outcome);
}

int bench_campaign_run(const struct bench_campaign *campaign, struct bench_case *c, unsigned run,
		       struct base_errs *errs)
{
	unsigned quarter = campaign->options->run_ms / 4;
	struct bench_rig rig = rig_of(campaign, c);
	struct bench_sample *sample = &c->sample[run];
	struct bench_probe probe = {.rig = &rig,
				    .ms = quarter < KERNEL_MAX_MS ? quarter : KERNEL_MAX_MS,
				    .sample = sample};
	int rc = bench_rig_open(&rig, errs);

	*sample = (struct bench_sample){0};
	if (!rc) {
		struct bench_trial trial = {.ms = campaign->options->run_ms, .without_gaps = true};

		try_it(&rig, c, &trial, NULL, NULL);
		bench_count_windows(sample, rig.window, c->lineup.workers, campaign->clock);
		c->memory_bytes = bench_memory_used() - bench_rig_own_bytes(&rig);
		c->rss_bytes = bench_memory_rss();
		bench_rig_stop(&rig);
		rc = bench_probe_run(&probe);
	}
	bench_rig_close(&rig);
	return rc;
}

struct searched {
	struct bench_rig *rig;
	struct bench_case *c;
};

static int offer(void *context, double rate, unsigned ms, double *loss)
{
	struct searched *s = context;
	struct bench_trial trial = {.pkts_per_s = rate, .ms = ms, .without_gaps = true, .catches = SEARCH_CATCHES};

	*loss = try_it(s->rig, s->c, &trial, NULL, NULL);
	fprintf(stderr, "  %9.3f Mpkt/s for %u ms: loss %.4f %%\n", rate / 1e6, ms, 100 * *loss);
	return 0;
}

static int measure_latency(struct bench_rig *rig, struct bench_case *c, struct bench_latency *latency, double share)
{
	struct bench_trial trial = {.pkts_per_s = c->ndr.holds * share,
				    .ms = rig->options->trial_ms,
				    .catches = LATENCY_CATCHES / rig->lineup.workers};
	struct bench_delays datagrams = {0}, packets = {0};
	int rc = bench_delays_init(&datagrams, 2 * LATENCY_CATCHES);

	if (!rc)
		rc = bench_delays_init(&packets, 2 * LATENCY_CATCHES * DP_DGRAM_SLOTS);
	if (!rc) {
		latency->share = share;
		latency->loss = try_it(rig, c, &trial, &datagrams, &packets);
		latency->all = bench_delays_percentiles(&datagrams, false);
		latency->quiet = bench_delays_percentiles(&datagrams, true);
		latency->quiet_packets = bench_delays_percentiles(&packets, true);
	}
	bench_delays_fini(&datagrams);
	bench_delays_fini(&packets);
	return rc;
}

int bench_campaign_search(const struct bench_campaign *campaign, struct bench_case *c, struct base_errs *errs)
{
	double mrr = bench_case_median(c, bench_number_rate);
	struct bench_search search = {.width = search_width,
				      .highest = above_mrr * mrr,
				      .ms = campaign->options->trial_ms,
				      .phases = PHASES};
	struct bench_rig rig = rig_of(campaign, c);
	struct searched searched = {&rig, c};
	int rc = bench_rig_open(&rig, errs);

	if (!rc)
		rc = bench_search_run(&search, mrr, offer, &searched, &c->ndr);
	search.loss = pdr_loss;
	if (!rc)
		rc = bench_search_run(&search, c->ndr.holds > 0 ? c->ndr.holds : mrr, offer, &searched, &c->pdr);
	for (unsigned i = 0; i < BENCH_LATENCIES && !rc && c->ndr.holds > 0; i++)
		rc = measure_latency(&rig, c, &c->latency[i], shares[i]);
	c->searched = !rc;
	bench_rig_close(&rig);
	return rc;
}
