// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "path/compose.h"
#include "path/count.h"
#include "path/probe.h"
#include "path/replay.h"

enum { WARM_MAX_MS = 100, KERNEL_MAX_MS = 500 };

// Everything around one plant.
struct rig {
	const struct bench_run *run;
	struct dp_keyfile keyfile;
	struct dp_plant plant;
	struct bench_stream *stream;     // by service
	struct bench_stream **of_worker; // the streams of worker w, from w * services on
	struct bench_window *window;     // by worker, and so are the next two
	struct bench_replay *replay;
	struct bench_sink *sink;
};

static int make_streams(struct rig *rig)
{
	const struct bench_options *options = rig->run->options;
	int rc = 0;

	for (unsigned i = 0; i < rig->run->services && !rc; i++) {
		const struct dp_input *input = &rig->plant.lineup.input[i];
		const struct bench_shape shape = {.index = i,
						  .services = rig->run->services,
						  .group = input->conf->group,
						  .udp_port = input->conf->udp_port,
						  .rate_kbps = options->rate_kbps,
						  .null_percent = options->null_percent};
		struct bench_replay *replay = &rig->replay[input->worker];

		rc = bench_stream_init(&rig->stream[i], &shape);
		replay->stream[replay->streams++] = &rig->stream[i];
	}
	return rc;
}

static int connect_ports(struct rig *rig)
{
	const struct bench_options *options = rig->run->options;
	unsigned warm_ms = options->window_ms / 2 < WARM_MAX_MS ? options->window_ms / 2 : WARM_MAX_MS;
	struct dp_port *rx = &rig->plant.port[BENCH_PORT_RX], *tx = &rig->plant.port[BENCH_PORT_TX];
	int rc;

	for (unsigned w = 0; w < options->workers; w++) {
		struct bench_window *window = &rig->window[w];

		bench_window_init(window, &rig->plant.worker[w], rig->run->clock, warm_ms, options->window_ms);
		rig->sink[w].window = window;
		rig->sink[w].scrambled = rig->run->mix != BENCH_CLEAR;
		rig->replay[w].window = window;
		rig->replay[w].pool = rig->plant.rx_pool;
		rig->replay[w].stream = rig->of_worker + (size_t)w * rig->run->services;
	}
	rc = make_streams(rig);
	for (unsigned w = 0; w < options->workers && !rc; w++)
		rc = bench_replay_init(&rig->replay[w], options->workers);
	rx->ops = &bench_replay_ops;
	rx->context = rig->replay;
	tx->ops = &bench_sink_ops;
	tx->context = rig->sink;
	return rc;
}

static int init(struct rig *rig, struct base_errs *errs)
{
	const struct bench_options *options = rig->run->options;
	unsigned workers = options->workers, services = rig->run->services;
	int rc = bench_compose_conf(rig->run->conf, options, rig->run->mix, services, errs);

	if (!rc)
		rc = bench_compose_keys(&rig->keyfile, options, rig->run->conf, errs);
	rig->stream = calloc(services, sizeof(*rig->stream));
	rig->of_worker = calloc((size_t)workers * services, sizeof(struct bench_stream *));
	rig->window = calloc(workers, sizeof(*rig->window));
	rig->replay = calloc(workers, sizeof(*rig->replay));
	rig->sink = calloc(workers, sizeof(*rig->sink));
	if (!rc && (!rig->stream || !rig->of_worker || !rig->window || !rig->replay || !rig->sink))
		rc = -ENOMEM;
	if (!rc)
		rc = dp_plant_open(&rig->plant, rig->run->conf, rig->run->clock, errs);
	if (!rc)
		rc = dp_plant_build(&rig->plant, rig->run->conf, &rig->keyfile, errs);
	return rc ? rc : connect_ports(rig);
}

static void fini(struct rig *rig)
{
	for (unsigned w = 0; rig->plant.port && w < rig->run->options->workers; w++) {
		bench_replay_fini(&rig->replay[w]);
		bench_sink_fini(&rig->sink[w]);
	}
	dp_plant_fini(&rig->plant);
	dp_keyfile_free(&rig->keyfile);
	for (unsigned i = 0; rig->stream && i < rig->run->services; i++)
		bench_stream_fini(&rig->stream[i]);
	free(rig->stream);
	free(rig->of_worker);
	free(rig->window);
	free(rig->replay);
	free(rig->sink);
}

static bool all_done(const struct rig *rig)
{
	for (unsigned w = 0; w < rig->run->options->workers; w++)
		if (!atomic_load_explicit(&rig->window[w].done, memory_order_acquire))
			return false;
	return true;
}

// Main does beside the workers what it does in the product: it makes crypto-periods.
static int run_plant(struct rig *rig)
{
	static const struct timespec pause = {.tv_nsec = 500000};
	int rc = dp_plant_start(&rig->plant);

	while (!rc && !all_done(rig)) {
		dp_static_source_poll(&rig->plant.source);
		nanosleep(&pause, NULL);
	}
	dp_plant_stop(&rig->plant);
	return rc;
}

int bench_run(const struct bench_run *run, struct bench_sample *sample, struct base_errs *errs)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	unsigned kernel_ms = run->options->window_ms / 4 < KERNEL_MAX_MS ? run->options->window_ms / 4 : KERNEL_MAX_MS;
	int rc;

	*sample = (struct bench_sample){0};
	if (!rig)
		return -ENOMEM;
	rig->run = run;
	rc = init(rig, errs);
	if (!rc)
		rc = run_plant(rig);
	if (!rc) {
		struct bench_probe probe = {.plant = &rig->plant,
					    .stream = rig->stream,
					    .sink = rig->sink,
					    .ms = kernel_ms,
					    .sample = sample};

		bench_count_windows(sample, rig->window, run->options->workers, run->clock);
		bench_count_checks(sample, rig->sink, run->options->workers);
		rc = bench_probe_run(&probe);
		bench_count_drops(sample, &rig->plant);
	}
	if (rc && base_errs_none(errs))
		base_errs_add(errs, "run", "%s", strerror(-rc));
	fini(rig);
	free(rig);
	return rc;
}
