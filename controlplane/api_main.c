// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-api: options -> check -> log -> give up privileges -> open -> READY -> wait; holds no secret.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include <base_log.h>

#include "http/options.h"
#include "http/server.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2 };

// Signals are waited for by main alone; the servers' threads inherit the mask.
static int hold_signals(sigset_t *held)
{
	sigemptyset(held);
	sigaddset(held, SIGTERM);
	sigaddset(held, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	return -pthread_sigmask(SIG_BLOCK, held, NULL);
}

static int open_and_serve(const struct cp_api_options *options, const struct cp_api *api, const sigset_t *held,
			  struct base_errs *errs)
{
	struct cp_server *local = NULL, *loopback = NULL;
	int number, rc = cp_server_open_local(&local, api, options->socket, errs);

	if (!rc && options->listen)
		rc = cp_server_open_loopback(&loopback, api, options->listen, errs);
	if (!rc) {
		base_log(BASE_LOG_INFO, "main", "READY socket=%s listen=%s control=%s cas=%u", options->socket,
			 options->listen ? options->listen : "none", options->control, options->cas_n);
		sd_notify(0, "READY=1");
		sigwait(held, &number);
		sd_notify(0, "STOPPING=1");
	}
	cp_server_close(loopback);
	cp_server_close(local);
	return rc ? EXIT_RUN : 0;
}

static int run(const struct cp_api_options *options, struct base_errs *errs)
{
	struct cp_processes processes;
	struct cp_api api = {.processes = &processes, .started = (double)time(NULL)};
	sigset_t held;

	// What is executed from here gains nothing by it, whatever a hostile request may have found.
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || hold_signals(&held)) {
		base_errs_add(errs, "process", "privileges cannot be given up: %s", strerror(errno));
		return EXIT_RUN;
	}
	cp_processes_init(&processes, options->control, options->cas, options->cas_n);
	int rc = open_and_serve(options, &api, &held, errs);

	cp_processes_fini(&processes);
	return rc;
}

int main(int argc, char **argv)
{
	struct cp_api_options options;
	struct base_errs errs;
	int rc = cp_api_options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : EXIT_USAGE;
	base_log_init("bulkhead-api");
	if (options.log_levels && base_log_set_levels(options.log_levels)) {
		fprintf(stderr, "bulkhead-api: --log %s: give a level, or module=level,...\n", options.log_levels);
		return EXIT_USAGE;
	}
	base_errs_init(&errs);
	rc = run(&options, &errs);
	base_errs_print(&errs, stderr, "bulkhead-api: ");
	return rc;
}
