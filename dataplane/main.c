// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-dataplane: options -> check -> log -> lock memory -> allocate -> self-test -> open -> READY -> loop.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_eal.h>
#include <systemd/sd-daemon.h>

#include <base_clock.h>
#include <base_log.h>
#include <base_secret.h>

#include "fault/fault.h"
#include "lineup/keys.h"
#include "link/link.h"
#include "options.h"
#include "plant.h"
#include "report/report.h"
#include "report/writer.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2, CALIBRATE_MS = 50, STATS_MS = 1000, POLL_NS = 500000, CHANGE_NS = 20000 };

static volatile sig_atomic_t told_to_stop;

static void on_signal(int number)
{
	(void)number;
	told_to_stop = 1;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void say_written(const struct dp_options *options, int rc)
{
	if (rc)
		base_log(BASE_LOG_WARNING, "stats", "statistics not written path=%s error=\"%s\"", options->stats,
			 strerror(-rc));
}

// Beside the workers; while the file system takes its time there are none newer.
static void write_stats(const struct dp_options *options, struct dp_plant *plant, struct dp_writer *writer)
{
	if (!writer->path || !dp_writer_free(writer))
		return;
	say_written(options, dp_writer_error(writer));
	dp_writer_give(writer, dp_report_page(plant));
}

static void look_for_alarms(struct dp_plant *plant)
{
	const struct dp_alarm_whole whole = {.lost = dp_plant_lost(plant),
					     .bad = dp_plant_bad(plant),
					     .alone = plant->link && dp_link_alone(plant->link),
					     .stands = dp_plant_stands(plant)};

	dp_alarms_look(&plant->alarms, &whole);
}

// Main's own work beside the workers: control words, the controller, alarms, statistics. Ends on a signal, when all
// files are read, or when nothing has come for as long as asked; with a controller it waits for a line-up first.
static void run(const struct dp_options *options, struct dp_plant *plant, struct dp_link *link)
{
	static const struct timespec calm = {.tv_nsec = POLL_NS}, brisk = {.tv_nsec = CHANGE_NS};
	uint64_t looked_ms = now_ms(), wrote_ms = looked_ms, moved_ms = looked_ms, received = 0;
	bool waiting = !dp_plant_built(plant);
	struct dp_writer writer = {0};

	if (options->stats)
		say_written(options, dp_writer_start(&writer, options->stats));
	while (!told_to_stop && !dp_plant_drained(plant)) {
		uint64_t now = now_ms(), packets = dp_plant_received(plant);

		if (link)
			dp_link_tend(link, now);
		else
			dp_static_source_poll(&plant->source);
		dp_plant_tend(plant);
		if (waiting && dp_plant_built(plant))
			sd_notify(0, "STATUS=a line-up is on air");
		waiting = !dp_plant_built(plant);
		dp_igmp_tend(&plant->igmp, now);
		if (now - looked_ms >= DP_ALARM_LOOK_MS) {
			look_for_alarms(plant);
			looked_ms = now;
		}
		if (now - wrote_ms >= STATS_MS) {
			dp_plant_read_ports(plant);
			write_stats(options, plant, &writer);
			wrote_ms = now;
		}
		if (packets != received || !dp_plant_built(plant))
			moved_ms = now;
		received = packets;
		if (options->until_idle_ms && now - moved_ms >= options->until_idle_ms)
			break;
		nanosleep(dp_plant_changing(plant) ? &brisk : &calm, NULL);
	}
	dp_writer_end(&writer);
}

static void finish(const struct dp_options *options, struct dp_plant *plant)
{
	sd_notify(0, "STOPPING=1");
	dp_plant_stop(plant);
	dp_plant_read_ports(plant);
	look_for_alarms(plant);
	if (options->stats)
		say_written(options, dp_report_write(options->stats, plant));
}

static int start(struct dp_plant *plant, struct base_errs *errs)
{
	int rc = dp_plant_start(plant);

	if (rc)
		base_errs_add(errs, "/workers", "they do not start: %s", strerror(-rc));
	return rc;
}

static void say_ready(const struct dp_plant *plant)
{
	base_log(BASE_LOG_INFO, "main", "READY services=%u inputs=%u outputs=%u workers=%u tsc_hz=%llu",
		 plant->lineup.services, plant->lineup.inputs, plant->lineup.outputs, plant->workers,
		 (unsigned long long)plant->clock->tsc_hz);
	sd_notifyf(0, "READY=1\nSTATUS=%u services", plant->lineup.services);
}

static int serve_file(const struct dp_options *options, struct dp_plant *plant, struct dp_keyfile *keyfile,
		      struct base_errs *errs)
{
	int rc = dp_plant_build(plant, plant->conf, keyfile, errs);

	if (!rc)
		rc = start(plant, errs);
	if (rc)
		return rc;
	say_ready(plant);
	run(options, plant, NULL);
	finish(options, plant);
	return 0;
}

static int serve_controller(const struct dp_options *options, struct dp_plant *plant, struct dp_link *link,
			    struct base_errs *errs)
{
	int rc = dp_link_open(link, plant->conf, plant, errs);

	plant->link = link;
	if (!rc)
		rc = start(plant, errs);
	if (!rc) {
		base_log(BASE_LOG_INFO, "main", "READY waiting for a line-up socket=\"%s\"", link->path);
		sd_notify(0, "READY=1\nSTATUS=waiting for a line-up");
		run(options, plant, link);
		finish(options, plant);
	}
	dp_link_close(link);
	return rc;
}

// Configuration and key file, with every mistake of both.
static int read_files(const struct dp_options *options, struct dp_conf *conf, struct dp_keyfile *keyfile,
		      struct base_errs *errs)
{
	int rc = dp_conf_load(conf, options->config, errs);

	if (conf->keys[0]) {
		int keys = dp_keyfile_load(keyfile, conf->keys, errs);

		rc = rc ? rc : keys;
	}
	return rc ? rc : dp_keys_check(conf, keyfile, errs);
}

// What would run here, by the configuration if there is one.
static int show_ciphers(const struct dp_options *options, struct dp_conf *conf, struct base_errs *errs)
{
	uint32_t features = dp_cpu_features();
	struct dp_choice choice = {0};

	if (options->config && dp_conf_load(conf, options->config, errs))
		return EXIT_USAGE;
	int rc = dp_choice_make(&choice, features, &conf->ciphers, errs);

	if (dp_choice_show(stdout, &choice, features, &conf->ciphers, options->json))
		return EXIT_RUN;
	return rc ? EXIT_USAGE : 0;
}

static int set_up(const struct dp_options *options)
{
	struct sigaction action = {.sa_handler = on_signal};
	int rc = base_secret_protect_process();

	if (rc) {
		base_log(BASE_LOG_ERROR, "main", "core dumps cannot be turned off error=\"%s\"", strerror(-rc));
		return EXIT_RUN;
	}
	if (options->log_levels && base_log_set_levels(options->log_levels)) {
		fprintf(stderr, "bulkhead-dataplane: --log %s: give a level, or module=level,...\n",
			options->log_levels);
		return EXIT_USAGE;
	}
#if defined(DP_FAULTS)
	if (options->faults && dp_fault_set(options->faults)) {
		fprintf(stderr, "bulkhead-dataplane: --fault %s: unknown fault; see --help\n", options->faults);
		return EXIT_USAGE;
	}
#endif
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	return 0;
}

// The link holds what the line-up was made from, so it goes after the plant.
static int open_and_serve(const struct dp_options *options, const struct dp_conf *conf, struct dp_keyfile *keyfile,
			  const char *program, struct base_errs *errs)
{
	struct base_clock clock;
	struct dp_plant plant = {0};
	struct dp_link *link = calloc(1, sizeof(*link));
	int rc = link ? base_clock_calibrate(&clock, CALIBRATE_MS) : -ENOMEM;

	if (rc) {
		base_errs_add(errs, "clock", "the time stamp counter cannot be used: %s", strerror(-rc));
		goto free_link;
	}
	rc = dp_eal_start(conf, program, errs);
	if (rc)
		goto free_link;
	rc = dp_plant_open(&plant, conf, &clock, errs);
	if (!rc && conf->control[0])
		rc = serve_controller(options, &plant, link, errs);
	else if (!rc)
		rc = serve_file(options, &plant, keyfile, errs);
	int closed = dp_plant_fini(&plant);

	if (closed)
		base_errs_add(errs, "/ports", "output was lost: %s", strerror(-closed));
	rc = rc ? rc : closed;
	rte_eal_cleanup();
free_link:
	free(link);
	return rc ? EXIT_RUN : 0;
}

int main(int argc, char **argv)
{
	struct dp_options options;
	struct dp_keyfile keyfile = {0};
	int rc = dp_options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : EXIT_USAGE;
	base_log_init("bulkhead-dataplane");
	rc = set_up(&options);
	if (rc)
		return rc;
	struct dp_conf *conf = calloc(1, sizeof(*conf));
	struct base_errs *errs = calloc(1, sizeof(*errs));

	if (!conf || !errs) {
		rc = EXIT_RUN;
		goto out;
	}
	if (options.ciphers)
		rc = show_ciphers(&options, conf, errs);
	else if (read_files(&options, conf, &keyfile, errs))
		rc = EXIT_USAGE;
	else if (options.check && conf->control[0])
		printf("%s: good: %u ports, the line-up comes over %s\n", options.config, conf->ports, conf->control);
	else if (options.check)
		printf("%s: good: %u services, %u inputs, %u outputs\n", options.config, conf->services, conf->inputs,
		       conf->outputs);
	else
		rc = open_and_serve(&options, conf, &keyfile, argv[0], errs);
	base_errs_print(errs, stderr, "bulkhead-dataplane: ");
out:
	dp_keyfile_free(&keyfile);
	free(conf);
	free(errs);
	return rc;
}
