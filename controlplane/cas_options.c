// SPDX-License-Identifier: GPL-3.0-or-later
#include "cas_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

static const char help[] = "Usage: bulkhead-cas --config FILE [options]\n"
			   "The ECMG and the EMMG of one CA vendor, until SIGTERM or SIGINT.\n"
			   "\n"
			   "  --config FILE      configuration (JSON, see docs/cas-config.md)\n"
			   "  --check            validate the configuration, report every mistake, end\n"
			   "  --log LEVELS       error, warning, info or debug; or per module: ecmg=debug,vault=info\n"
			   "  --help, --version\n"
			   "\n"
			   "Exit status: 0 good, 1 it could not run, 2 wrong usage or configuration.\n";

enum { OPT_CONFIG = 1, OPT_CHECK, OPT_LOG, OPT_HELP, OPT_VERSION };

static const struct option table[] = {
	{"config", required_argument, NULL, OPT_CONFIG}, {"check", no_argument, NULL, OPT_CHECK},
	{"log", required_argument, NULL, OPT_LOG},       {"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},     {NULL, 0, NULL, 0},
};

static int parse_one(struct cas_options *options, int option)
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
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	case OPT_VERSION:
		puts("bulkhead-cas " BULKHEAD_VERSION);
		return 1;
	default: // getopt has said what is wrong
		return -EINVAL;
	}
}

int cas_options_parse(struct cas_options *options, int argc, char **argv)
{
	int option, rc;

	*options = (struct cas_options){0};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option);
		if (rc)
			return rc;
	}
	if (optind < argc || !options->config) {
		fprintf(stderr, "bulkhead-cas: %s%s; see --help\n",
			options->config ? "unexpected argument " : "--config FILE is needed",
			options->config ? argv[optind] : "");
		return -EINVAL;
	}
	return 0;
}
