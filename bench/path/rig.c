// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "path/count.h"

enum { WARM_MS = 20, SETTLE_MS = 200, POLL_NS = 1000000, MRR_CATCH_EVERY = 997, JUDGE_CATCHES = 64 };

static void make_streams(struct bench_rig *rig)
{
	bench_store_init(&rig->store, rig->clock);
	for (unsigned i = 0; i < rig->inputs; i++) {
		const struct dp_input *input = &rig->plant.lineup.input[i];
		unsigned first = i * rig->programmes, left = rig->lineup.services - first;
		const struct bench_shape shape = {.first_service = first,
						  .programmes = left < rig->programmes ? left : rig->programmes,
						  .group = input->conf->group,
						  .udp_port = input->conf->udp_port,
						  .null_percent = rig->options->null_percent};
		struct bench_replay *replay = &rig->replay[input->worker];

		bench_stream_init(&rig->stream[i], &shape, &rig->store);
		replay->stream[replay->streams++] = &rig->stream[i];
	}
}

static int make_workers(struct bench_rig *rig)
{
	int rc = 0;

	for (unsigned w = 0; w < rig->lineup.workers && !rc; w++) {
		bench_window_init(&rig->window[w], &rig->plant.worker[w], rig->clock);
		bench_pace_init(&rig->pace[w], rig->clock);
		rig->replay[w].window = rig->sink[w].window = &rig->window[w];
		rig->replay[w].pace = rig->sink[w].pace = &rig->pace[w];
		rig->replay[w].pool = rig->plant.rx_pool;
		rig->replay[w].stream = rig->of_worker + (size_t)w * rig->inputs;
		rc = bench_sink_init(&rig->sink[w], rig->lineup.services, rig->programmes,
				     rig->lineup.mix != BENCH_CLEAR);
	}
	return rc;
}

static int connect_ports(struct bench_rig *rig)
{
	struct dp_port *rx = &rig->plant.port[BENCH_PORT_RX], *tx = &rig->plant.port[BENCH_PORT_TX];
	int rc = make_workers(rig);

	if (!rc)
		make_streams(rig);
	for (unsigned w = 0; w < rig->lineup.workers && !rc; w++)
		rc = bench_replay_init(&rig->replay[w]);
	rx->ops = &bench_replay_ops;
	rx->context = rig->replay;
	tx->ops = &bench_sink_ops;
	tx->context = rig->sink;
	return rc;
}

static int allocate(struct bench_rig *rig)
{
	unsigned workers = rig->lineup.workers;

	rig->programmes = bench_compose_programmes(rig->lineup.services);
	rig->inputs = (rig->lineup.services + rig->programmes - 1) / rig->programmes;
	rig->stream = aligned_alloc(_Alignof(struct bench_stream), rig->inputs * sizeof(*rig->stream));
	rig->of_worker = calloc((size_t)workers * rig->inputs, sizeof(struct bench_stream *));
	rig->window = calloc(workers, sizeof(*rig->window));
	rig->pace = calloc(workers, sizeof(*rig->pace));
	rig->replay = calloc(workers, sizeof(*rig->replay));
	rig->sink = calloc(workers, sizeof(*rig->sink));
	return rig->stream && rig->of_worker && rig->window && rig->pace && rig->replay && rig->sink ? 0 : -ENOMEM;
}

uint64_t bench_rig_own_bytes(const struct bench_rig *rig)
{
	uint64_t worker = rig->inputs * sizeof(struct bench_stream *) + sizeof(*rig->window) + sizeof(*rig->pace) +
			  sizeof(*rig->replay) + sizeof(*rig->sink) + bench_watch_bytes(&rig->sink[0].watch) +
			  BENCH_CATCHES_MAX * sizeof(struct bench_catch);

	return rig->inputs * sizeof(*rig->stream) + rig->lineup.workers * worker;
}

// Main does beside the workers what it does in the product: it makes crypto-periods. Else it sleeps.
static void tend(struct bench_rig *rig)
{
	static const struct timespec pause = {.tv_nsec = POLL_NS};

	dp_static_source_poll(&rig->plant.source);
	nanosleep(&pause, NULL);
}

// Tables and PCRs have come, crypto-periods have begun.
static void settle(struct bench_rig *rig)
{
	uint64_t until = base_clock_tsc() + base_clock_ticks(rig->clock, SETTLE_MS * 1000);

	while (base_clock_tsc() < until)
		tend(rig);
}

int bench_rig_open(struct bench_rig *rig, struct base_errs *errs)
{
	int rc = allocate(rig);

	if (!rc)
		rc = bench_compose_conf(rig->conf, rig->options, &rig->lineup, errs);
	if (!rc)
		rc = bench_compose_keys(&rig->keyfile, rig->options, rig->conf, errs);
	if (!rc)
		rc = dp_plant_open(&rig->plant, rig->conf, rig->clock, errs);
	if (!rc)
		rc = dp_plant_build(&rig->plant, rig->conf, &rig->keyfile, errs);
	if (!rc)
		rc = connect_ports(rig);
	rig->verdict = (struct bench_verdict){.stream = rig->stream,
					      .programmes = rig->programmes,
					      .conf = rig->conf,
					      .period_ms = rig->options->period_ms};
	if (!rc)
		rc = bench_verdict_init(&rig->verdict);
	if (!rc)
		rc = dp_plant_start(&rig->plant);
	rig->running = !rc;
	if (!rc)
		settle(rig);
	else if (base_errs_none(errs))
		base_errs_add(errs, "case", "%s", strerror(-rc));
	return rc;
}

void bench_rig_stop(struct bench_rig *rig)
{
	if (!rig->running)
		return;
	for (unsigned w = 0; w < rig->lineup.workers; w++)
		atomic_store_explicit(&rig->sink[w].hold, true, memory_order_relaxed);
	settle(rig);
	dp_plant_stop(&rig->plant);
	rig->running = false;
}

void bench_rig_close(struct bench_rig *rig)
{
	bench_rig_stop(rig);
	bench_verdict_fini(&rig->verdict);
	for (unsigned w = 0; rig->plant.port && w < rig->lineup.workers; w++) {
		bench_replay_fini(&rig->replay[w]);
		bench_sink_fini(&rig->sink[w]);
	}
	dp_plant_fini(&rig->plant);
	dp_keyfile_free(&rig->keyfile);
	free(rig->stream);
	free(rig->of_worker);
	free(rig->window);
	free(rig->pace);
	free(rig->replay);
	free(rig->sink);
}

// One datagram in `every`, such that all inputs and outputs come by.
static unsigned catch_every(double dgrams, unsigned catches)
{
	unsigned every = (unsigned)(dgrams / catches) + 1;

	while (every % 2 == 0 || every % 5 == 0)
		every++;
	return every;
}

static void begin(struct bench_rig *rig, const struct bench_trial *trial)
{
	for (unsigned w = 0; w < rig->lineup.workers; w++) {
		double share = (double)rig->replay[w].streams / rig->inputs;
		struct bench_offer offer = {.dgrams_per_s = trial->pkts_per_s / DP_DGRAM_SLOTS * share,
					    .warm_ticks = base_clock_ticks(rig->clock, WARM_MS * 1000),
					    .run_ticks = base_clock_ticks(rig->clock, trial->ms * UINT64_C(1000)),
					    .without_gaps = trial->without_gaps};
		struct bench_sink *sink = &rig->sink[w];

		sink->every = trial->pkts_per_s > 0 ? catch_every(offer.dgrams_per_s * trial->ms / 1000, trial->catches)
						    : MRR_CATCH_EVERY;
		sink->countdown = sink->every;
		sink->catches = 0;
		bench_pace_begin(&rig->pace[w], &offer);
	}
}

static bool all_done(const struct bench_rig *rig)
{
	for (unsigned w = 0; w < rig->lineup.workers; w++)
		if (!bench_pace_done(&rig->pace[w]))
			return false;
	return true;
}

// From the arrival of each packet that was opened, and of the last of them, to when the datagram left.
static void judge(struct bench_rig *rig, unsigned worker, const struct bench_catch *caught,
		  struct bench_delays *datagrams, struct bench_delays *packets)
{
	const struct bench_pace *pace = &rig->pace[worker];
	const uint8_t *end = caught->ts + (DP_DGRAM_SLOTS - 1) * TS_PACKET_BYTES;
	uint64_t last = 0;

	for (unsigned k = 0; k < DP_DGRAM_SLOTS; k++) {
		const uint8_t *packet = caught->ts + k * TS_PACKET_BYTES;
		struct bench_tag tag;

		if (!bench_is_elementary(ts_packet_pid(packet)) ||
		    !bench_verdict_packet(&rig->verdict, caught->service, packet, &tag) ||
		    tag.number < pace->trial.first)
			continue;
		uint64_t arrival = bench_pace_arrival(pace, tag.number);

		last = arrival > last ? arrival : last;
		if (packets)
			bench_delays_add(packets, (double)(caught->own - arrival) * 1e6 / (double)pace->hz,
					 caught->gap_over > arrival);
	}
	// One that a table completed does not tell when that came.
	if (datagrams && last && bench_is_elementary(ts_packet_pid(end)))
		bench_delays_add(datagrams, (double)(caught->own - last) * 1e6 / (double)pace->hz,
				 caught->gap_over > last);
}

static void add_worker(const struct bench_rig *rig, unsigned w, struct bench_outcome *out)
{
	const struct bench_pace_counts *counts = &rig->pace[w].result;
	const struct bench_watch_counts *watched = &rig->sink[w].watch.counts;
	double hz = (double)rig->pace[w].hz, longest = (double)counts->longest * 1e6 / hz;
	double ticks = (double)counts->own_ticks + (double)counts->gap_ticks;
	double share = ticks > 0 ? (double)counts->gap_ticks / ticks : 0;

	out->offered_pkts += counts->offered * DP_DGRAM_SLOTS;
	out->missed_pkts += counts->missed * DP_DGRAM_SLOTS;
	out->named_pkts += rig->pace[w].missed_ever * DP_DGRAM_SLOTS;
	out->watched.pkts += watched->pkts;
	out->watched.clear_pkts += watched->clear_pkts;
	out->watched.odd_pkts += watched->odd_pkts;
	out->watched.breaks += watched->breaks;
	out->gaps += counts->gaps;
	out->gap_share = share > out->gap_share ? share : out->gap_share;
	out->longest_us = longest > out->longest_us ? longest : out->longest_us;
}

// What was counted by it before the trial is taken off.
static void take_off(struct bench_outcome *outcome, const struct bench_outcome *before)
{
	outcome->watched.pkts -= before->watched.pkts;
	outcome->watched.clear_pkts -= before->watched.clear_pkts;
	outcome->watched.odd_pkts -= before->watched.odd_pkts;
	outcome->watched.breaks -= before->watched.breaks;
	outcome->named_pkts -= before->named_pkts;
	outcome->dropped_pkts -= before->dropped_pkts;
	outcome->guard_drops -= before->guard_drops;
	outcome->extended -= before->extended;
}

static void read_counts(const struct bench_rig *rig, struct bench_outcome *out)
{
	*out = (struct bench_outcome){0};
	for (unsigned w = 0; w < rig->lineup.workers; w++)
		add_worker(rig, w, out);
	bench_count_plant(out, &rig->plant);
	out->named_pkts += out->dropped_pkts;
}

void bench_rig_try(struct bench_rig *rig, const struct bench_trial *trial, struct bench_outcome *outcome,
		   struct bench_delays *datagrams, struct bench_delays *packets)
{
	struct bench_outcome before;

	read_counts(rig, &before);
	rig->verdict.counts = (struct bench_verdict_counts){0};
	begin(rig, trial);
	while (!all_done(rig))
		tend(rig);
	read_counts(rig, outcome);
	take_off(outcome, &before);
	uint64_t named = outcome->named_pkts;

	outcome->named_pkts += rig->named_before;
	rig->named_before = named;
	for (unsigned w = 0; w < rig->lineup.workers; w++)
		for (unsigned i = 0; i < rig->sink[w].catches; i++) {
			if (i % JUDGE_CATCHES == 0) // the inputs go on, and so do crypto-periods
				dp_static_source_poll(&rig->plant.source);
			judge(rig, w, &rig->sink[w].catch[i], datagrams, packets);
		}
	outcome->verdict = rig->verdict.counts;
}
