// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-cas: options -> check -> log -> protect the process -> allocate -> open -> READY -> loop -> close.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include <base_log.h>
#include <base_secret.h>

#include "cas_options.h"
#include "ecmg/clock.h"
#include "ecmg/ecmg.h"
#include "ecmg/operator.h"
#include "emmg/emmg.h"
#include "oplink/oplink.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2 };

struct cas {
	struct cas_conf conf;
	uv_loop_t loop;
	uv_signal_t terminate, interrupt;
	struct cas_vault vault;
	struct cas_ecmg ecmg;
	struct cas_emmg emmg;
	struct cas_operator operator;
	struct cp_oplink *oplink;
};

// Everything is closed; the loop ends when the last of it is.
static void stop(struct cas *cas)
{
	base_log(BASE_LOG_INFO, "main", "stopping");
	sd_notify(0, "STOPPING=1");
	uv_close((uv_handle_t *)&cas->terminate, NULL);
	uv_close((uv_handle_t *)&cas->interrupt, NULL);
	cp_oplink_close(cas->oplink);
	if (cas->conf.emmg.there)
		cas_emmg_close(&cas->emmg);
	cas_ecmg_close(&cas->ecmg);
	cas_vault_close(&cas->vault);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct cas *cas = signal->data;

	(void)number;
	if (!uv_is_closing((uv_handle_t *)&cas->terminate))
		stop(cas);
}

static void watch_signal(struct cas *cas, uv_signal_t *signal, int number)
{
	uv_signal_init(&cas->loop, signal);
	signal->data = cas;
	uv_signal_start(signal, on_signal, number);
}

static int fail(const char *what, const char *where, int rc)
{
	base_log(BASE_LOG_ERROR, "main", "%s at=%s error=\"%s\"", what, where, strerror(-rc));
	return EXIT_RUN;
}

// Opens what may fail, then what may not; what fails ends the process, which owns nothing that outlives it.
static int open_all(struct cas *cas)
{
	int rc = cas_ecmg_open(&cas->ecmg, &cas->loop, &cas->conf, &cas->vault);

	if (rc)
		return fail("ECMG does not open", cas->conf.ecmg.address, rc);
	rc = cp_oplink_open(&cas->oplink, &cas->loop, cas->conf.operator_socket, cas_operator_answer, &cas->operator);
	if (rc)
		return fail("operator socket does not open", cas->conf.operator_socket, rc);
	rc = cas_vault_init(&cas->vault, &cas->loop, cas->conf.vault, (uint16_t)cas->conf.super_cas_id,
			    &cas_ecmg_vault_ops, &cas->ecmg);
	if (rc)
		return fail("no locked memory for the vault's messages", cas->conf.vault, rc);
	if (cas->conf.emmg.there)
		cas_emmg_open(&cas->emmg, &cas->loop, &cas->conf.emmg);
	watch_signal(cas, &cas->terminate, SIGTERM);
	watch_signal(cas, &cas->interrupt, SIGINT);
	return 0;
}

static int serve(struct cas *cas)
{
	int rc = uv_loop_init(&cas->loop);

	if (rc)
		return fail("no event loop", "libuv", rc);
	cas->operator=(struct cas_operator){&cas->conf, &cas->vault,      &cas->ecmg,
					    &cas->emmg, BULKHEAD_VERSION, cas_clock_utc()};
	rc = open_all(cas);
	if (rc)
		return rc;
	base_log(BASE_LOG_INFO, "main", "READY name=%s super_cas_id=%08x ecmg=%s:%u lead_cw=%u cw_per_msg=%u emmg=%s",
		 cas->conf.name, cas->conf.super_cas_id, cas->conf.ecmg.address, cas->conf.ecmg.tcp_port,
		 cas->conf.ecmg.lead_cw, cas->conf.ecmg.cw_per_msg, cas->conf.emmg.there ? "yes" : "no");
	sd_notify(0, "READY=1");
	uv_run(&cas->loop, UV_RUN_DEFAULT);
	if (cas->conf.emmg.there)
		cas_emmg_fini(&cas->emmg);
	cas_ecmg_fini(&cas->ecmg);
	cas_vault_fini(&cas->vault);
	uv_loop_close(&cas->loop);
	return 0;
}

static int set_up(const struct cas_options *options)
{
	int rc = base_secret_protect_process();

	if (rc)
		return fail("core dumps cannot be turned off", "process", rc);
	if (options->log_levels && base_log_set_levels(options->log_levels)) {
		fprintf(stderr, "bulkhead-cas: --log %s: give a level, or module=level,...\n", options->log_levels);
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int main(int argc, char **argv)
{
	struct cas_options options;
	int rc = cas_options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : EXIT_USAGE;
	base_log_init("bulkhead-cas");
	rc = set_up(&options);
	if (rc)
		return rc;
	struct cas *cas = calloc(1, sizeof(*cas));
	struct base_errs *errs = calloc(1, sizeof(*errs));

	if (!cas || !errs)
		rc = EXIT_RUN;
	else if (cas_conf_load(&cas->conf, options.config, errs))
		rc = EXIT_USAGE;
	else if (options.check)
		printf("%s: good: CAS %s, super_cas_id %08x\n", options.config, cas->conf.name, cas->conf.super_cas_id);
	else
		rc = serve(cas);
	if (errs)
		base_errs_print(errs, stderr, "bulkhead-cas: ");
	free(cas);
	free(errs);
	return rc;
}
