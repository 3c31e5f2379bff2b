// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-control: options -> check -> log -> lock memory -> allocate and open -> READY -> loop.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include <base_check.h>
#include <base_log.h>
#include <base_secret.h>

#include "control_options.h"
#include "scs/fault.h"
#include "service/control.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2, EXIT_FENCED = 3 };

// This controller's place in the order of controllers: the later started is the newer one.
static uint64_t make_epoch(void)
{
	struct timespec now;

	CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int set_up(const struct cp_control_options *options)
{
	int rc = base_secret_protect_process();

	if (rc) {
		base_log(BASE_LOG_ERROR, "main", "core dumps cannot be turned off error=\"%s\"", strerror(-rc));
		return EXIT_RUN;
	}
	if (options->log_levels && base_log_set_levels(options->log_levels)) {
		fprintf(stderr, "bulkhead-control: --log %s: give a level, or module=level,...\n", options->log_levels);
		return EXIT_USAGE;
	}
#if defined(CP_FAULTS_ON)
	if (options->kill_at && cp_fault_set(options->kill_at)) {
		fprintf(stderr, "bulkhead-control: --kill-at %s: unknown point; see --help\n", options->kill_at);
		return EXIT_USAGE;
	}
#endif
	signal(SIGPIPE, SIG_IGN); // a peer that went away is an error of write
	return 0;
}

static void on_signal(uv_signal_t *handle, int number)
{
	base_log(BASE_LOG_INFO, "main", "told to end signal=%d", number);
	uv_stop(handle->loop);
}

static void on_hangup(uv_signal_t *handle, int number)
{
	(void)number;
	cp_reload_signal(&((struct cp_control *)handle->data)->reload);
}

static const struct {
	int number;
	uv_signal_cb handler;
} signals[] = {{SIGTERM, on_signal}, {SIGINT, on_signal}, {SIGHUP, on_hangup}};
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static void watch_signals(struct cp_control *control, uv_loop_t *loop, uv_signal_t handle[SIGNALS])
{
	for (unsigned i = 0; i < SIGNALS; i++) {
		uv_signal_init(loop, &handle[i]);
		handle[i].data = control;
		uv_signal_start(&handle[i], signals[i].handler, signals[i].number);
	}
}

static void notify(const char *states)
{
	sd_notify(0, states);
}

static void serve(const struct cp_control *control)
{
	base_log(BASE_LOG_INFO, "main", "READY services=%u groups=%u ecmgs=%u emm_streams=%u", control->conf->services,
		 control->conf->groups, control->conf->ecmgs, control->conf->emms);
	sd_notify(0, "READY=1");
	uv_run(control->loop, UV_RUN_DEFAULT);
	sd_notify(0, "STOPPING=1");
}

static int open_and_serve(const struct cp_conf *conf, const char *path)
{
	struct cp_control control;
	uv_signal_t handle[SIGNALS];
	uv_loop_t loop;

	if (uv_loop_init(&loop))
		return EXIT_RUN;
	watch_signals(&control, &loop, handle);
	int rc = cp_control_open(&control, &loop, conf, BULKHEAD_VERSION, make_epoch());

	control.reload.path = path;
	control.reload.notify = notify;
	if (!rc)
		serve(&control);
	cp_control_close(&control);
	for (unsigned i = 0; i < SIGNALS; i++)
		uv_close((uv_handle_t *)&handle[i], NULL);
	uv_run(&loop, UV_RUN_DEFAULT); // what is still to be written and closed
	CHECK(uv_loop_close(&loop) == 0);
	bool fenced = control.fenced;

	cp_control_fini(&control);
	return rc ? EXIT_RUN : fenced ? EXIT_FENCED : 0;
}

int main(int argc, char **argv)
{
	struct cp_control_options options;
	int rc = cp_control_options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : EXIT_USAGE;
	base_log_init("bulkhead-control");
	rc = set_up(&options);
	if (rc)
		return rc;
	struct cp_conf *conf = calloc(1, sizeof(*conf));
	struct base_errs *errs = calloc(1, sizeof(*errs));

	if (!conf || !errs) {
		rc = EXIT_RUN;
		goto out;
	}
	base_errs_init(errs);
	if (cp_conf_load(conf, options.config, errs))
		rc = EXIT_USAGE;
	else if (options.check)
		printf("%s: good: %u services, %u groups, %u ECMGs\n", options.config, conf->services, conf->groups,
		       conf->ecmgs);
	else
		rc = open_and_serve(conf, options.config);
	base_errs_print(errs, stderr, "bulkhead-control: ");
out:
	if (conf)
		cp_conf_fini(conf);
	free(conf);
	free(errs);
	return rc;
}
