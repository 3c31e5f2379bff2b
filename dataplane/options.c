// SPDX-License-Identifier: GPL-3.0-or-later
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "fault/fault.h"

#if defined(DP_FAULTS)
#define FAULT_HELP                                                                                         \
	"  --fault NAMES      inject faults (this is the test program): skip-lane, zero-mask, lost-key,\n" \
	"                     wrong-kind, unwritten, guard-off, wrong-cw, drop, answers, clear\n"
#else
#define FAULT_HELP ""
#endif

static const char help[] =
	"Usage: bulkhead-dataplane --config FILE [options]\n"
	"       bulkhead-dataplane --ciphers [--json] [--config FILE]\n"
	"Scrambles the services of FILE from input to output until SIGTERM or SIGINT.\n"
	"\n"
	"  --config FILE      configuration (JSON, see docs/dataplane-config.md)\n"
	"  --check            validate configuration and key file, report every mistake, end\n"
	"  --ciphers          tell what this machine has, the implementations of every algorithm and the one\n"
	"                     that is chosen, here or with FILE, and end; --json for programs\n"
	"  --stats FILE       write statistics as JSON every second and at the end\n"
	"  --until-idle MS    end when no packet has come for MS milliseconds\n"
	"  --log LEVELS       error, warning, info or debug; or per module: rx=debug,psi=info\n" FAULT_HELP
	"  --help, --version\n"
	"\n"
	"With file ports only, it ends by itself when all files have been read.\n"
	"Exit status: 0 good, 1 it could not run, 2 wrong usage or configuration.\n";

enum {
	OPT_CONFIG = 1,
	OPT_CHECK,
	OPT_CIPHERS,
	OPT_JSON,
	OPT_STATS,
	OPT_UNTIL_IDLE,
	OPT_LOG,
	OPT_FAULT,
	OPT_HELP,
	OPT_VERSION
};

static const struct option table[] = {
	{"config", required_argument, NULL, OPT_CONFIG},
	{"check", no_argument, NULL, OPT_CHECK},
	{"ciphers", no_argument, NULL, OPT_CIPHERS},
	{"json", no_argument, NULL, OPT_JSON},
	{"stats", required_argument, NULL, OPT_STATS},
	{"until-idle", required_argument, NULL, OPT_UNTIL_IDLE},
	{"log", required_argument, NULL, OPT_LOG},
#if defined(DP_FAULTS)
	{"fault", required_argument, NULL, OPT_FAULT},
#endif
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static int parse_ms(const char *text, unsigned *ms)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value < 1 || value > 3600000) {
		fprintf(stderr, "bulkhead-dataplane: --until-idle %s: give 1 to 3600000 milliseconds\n", text);
		return -EINVAL;
	}
	*ms = (unsigned)value;
	return 0;
}

static int parse_one(struct dp_options *options, int option)
{
	switch (option) {
	case OPT_CONFIG:
		options->config = optarg;
		return 0;
	case OPT_CHECK:
		options->check = true;
		return 0;
	case OPT_CIPHERS:
		options->ciphers = true;
		return 0;
	case OPT_JSON:
		options->json = true;
		return 0;
	case OPT_STATS:
		options->stats = optarg;
		return 0;
	case OPT_UNTIL_IDLE:
		return parse_ms(optarg, &options->until_idle_ms);
	case OPT_LOG:
		options->log_levels = optarg;
		return 0;
	case OPT_FAULT:
		options->faults = optarg;
		return 0;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	case OPT_VERSION:
		puts("bulkhead-dataplane " BULKHEAD_VERSION);
		return 1;
	default: // getopt has said what is wrong
		return -EINVAL;
	}
}

static int refuse(const char *what, const char *argument)
{
	fprintf(stderr, "bulkhead-dataplane: %s%s; see --help\n", what, argument);
	return -EINVAL;
}

int dp_options_parse(struct dp_options *options, int argc, char **argv)
{
	int option, rc;

	*options = (struct dp_options){0};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option);
		if (rc)
			return rc;
	}
	if (!options->config && !options->ciphers)
		return refuse("--config FILE is needed", "");
	if (options->json && !options->ciphers)
		return refuse("--json goes with --ciphers", "");
	if (optind < argc)
		return refuse("unexpected argument ", argv[optind]);
	return 0;
}
