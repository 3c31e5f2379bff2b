// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

static const char help[] =
	"Usage: bulkhead-api [options]\n"
	"Serves the operator's HTTP and the metrics of the head-end (docs/operator-api.md) until SIGTERM or SIGINT.\n"
	"\n"
	"  --control SOCKET   operator socket of bulkhead-control (default /run/bulkhead/control.sock)\n"
	"  --cas SOCKET       operator socket of a bulkhead-cas; once for each\n"
	"  --socket PATH      serve on this local socket, mode 0660 (default /run/bulkhead/api.sock)\n"
	"  --listen ADDR:PORT serve for reading on a loopback address too, 127.0.0.1:9190 or [::1]:9190\n"
	"  --log LEVELS       error, warning, info or debug; or per module: http=debug\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 good, 1 it could not run, 2 wrong usage.\n";

enum { OPT_CONTROL = 1, OPT_CAS, OPT_SOCKET, OPT_LISTEN, OPT_LOG, OPT_HELP, OPT_VERSION };

static const struct option table[] = {
	{"control", required_argument, NULL, OPT_CONTROL}, {"cas", required_argument, NULL, OPT_CAS},
	{"socket", required_argument, NULL, OPT_SOCKET},   {"listen", required_argument, NULL, OPT_LISTEN},
	{"log", required_argument, NULL, OPT_LOG},         {"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},       {NULL, 0, NULL, 0},
};

static int add_cas(struct cp_api_options *options, const char *path)
{
	if (options->cas_n == CP_API_CAS_MAX) {
		fprintf(stderr, "bulkhead-api: --cas %s: at most %d of them\n", path, CP_API_CAS_MAX);
		return -EINVAL;
	}
	options->cas[options->cas_n++] = path;
	return 0;
}

static int parse_one(struct cp_api_options *options, int option)
{
	switch (option) {
	case OPT_CONTROL:
		options->control = optarg;
		return 0;
	case OPT_CAS:
		return add_cas(options, optarg);
	case OPT_SOCKET:
		options->socket = optarg;
		return 0;
	case OPT_LISTEN:
		options->listen = optarg;
		return 0;
	case OPT_LOG:
		options->log_levels = optarg;
		return 0;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	case OPT_VERSION:
		puts("bulkhead-api " BULKHEAD_VERSION);
		return 1;
	default: // getopt has said what is wrong
		return -EINVAL;
	}
}

int cp_api_options_parse(struct cp_api_options *options, int argc, char **argv)
{
	int option, rc;

	*options = (struct cp_api_options){
		.control = "/run/bulkhead/control.sock",
		.socket = "/run/bulkhead/api.sock",
	};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option);
		if (rc)
			return rc;
	}
	if (optind < argc) {
		fprintf(stderr, "bulkhead-api: unexpected argument %s; see --help\n", argv[optind]);
		return -EINVAL;
	}
	return 0;
}
