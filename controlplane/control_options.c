// SPDX-License-Identifier: GPL-3.0-or-later
#include "control_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#if defined(CP_FAULTS_ON)
#define FAULT_HELP                                                                                                \
	"  --kill-at POINT[:COUNT]  SIGKILL at the COUNTth time (this is the test program): cw-made, ecm-back,\n" \
	"                     period-sent, ecm-on-air, flipped\n"
#else
#define FAULT_HELP ""
#endif

static const char help[] =
	"Usage: bulkhead-control --config FILE [options]\n"
	"Gives the dataplane its line-up and its crypto-periods, with ECMs from ECMGs over SimulCrypt, and takes EMMs\n"
	"for it, until SIGTERM or SIGINT. The dataplane goes on when it ends.\n"
	"\n"
	"  --config FILE      configuration (JSON, see docs/control-config.md)\n"
	"  --check            validate the configuration, report every mistake, end\n"
	"  --log LEVELS       error, warning, info or debug; or per module: scs=debug,dplink=info\n" FAULT_HELP
	"  --help, --version\n"
	"\n"
	"Exit status: 0 good, 1 it could not run, 2 wrong usage or configuration, 3 a newer controller took over.\n";

enum { OPT_CONFIG = 1, OPT_CHECK, OPT_LOG, OPT_KILL_AT, OPT_HELP, OPT_VERSION };

static const struct option table[] = {
	{"config", required_argument, NULL, OPT_CONFIG},
	{"check", no_argument, NULL, OPT_CHECK},
	{"log", required_argument, NULL, OPT_LOG},
#if defined(CP_FAULTS_ON)
	{"kill-at", required_argument, NULL, OPT_KILL_AT},
#endif
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static int parse_one(struct cp_control_options *options, int option)
{
	switch (option) {
	case OPT_CONFIG:
		options->config = optarg;
		return 0;
	case OPT_CHECK:
		options->check = true;
		return 0;
	case OPT_LOG:
		options->log_levels = optarg;
		return 0;
	case OPT_KILL_AT:
		options->kill_at = optarg;
		return 0;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	case OPT_VERSION:
		puts("bulkhead-control " BULKHEAD_VERSION);
		return 1;
	default: // getopt has said what is wrong
		return -EINVAL;
	}
}

int cp_control_options_parse(struct cp_control_options *options, int argc, char **argv)
{
	int option;

	*options = (struct cp_control_options){0};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		int rc = parse_one(options, option);

		if (rc)
			return rc;
	}
	if (optind < argc || !options->config) {
		fprintf(stderr, "bulkhead-control: %s%s; see --help\n",
			options->config ? "unexpected argument " : "--config FILE is needed",
			options->config ? argv[optind] : "");
		return -EINVAL;
	}
	return 0;
}
