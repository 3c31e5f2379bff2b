// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/show.h"

static const char help[] =
	"Usage: bulkhead [--api SOCKET|URL] COMMAND\n"
	"Asks bulkhead-api how the head-end is.\n"
	"\n"
	"  show services [--json]           every service, what is wrong first\n"
	"  show service NAME [--json]       one: each PID, scrambled or clear and why; its ECMs and crypto-period\n"
	"  show ecmg [--json]               the ECMGs as the SCS sees them\n"
	"  show emmg [--json]               the EMM streams of the MUX\n"
	"  show cas [--json]                every CAS: its vault, ECMG and EMMG\n"
	"  show ports [--json]              ports of the dataplane\n"
	"  show workers [--json]            workers of the dataplane\n"
	"  show alarms [--json]             what stands now, the most severe first\n"
	"  show status [--json]             which process is there, since when, connected to whom\n"
	"  cas emm send FILE [--cas NAME]   send the EMM sections of FILE (- for standard input), one after the other\n"
	"\n"
	"  --api SOCKET|URL   local socket or http://127.0.0.1:PORT of bulkhead-api (default: BULKHEAD_API in the\n"
	"                     environment, then /run/bulkhead/api.sock)\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 good, 1 error, 2 wrong usage.\n";

enum { OPT_API = 1, OPT_CAS, OPT_JSON, OPT_HELP, OPT_VERSION };

static const struct option table[] = {
	{"api", required_argument, NULL, OPT_API},   {"cas", required_argument, NULL, OPT_CAS},
	{"json", no_argument, NULL, OPT_JSON},       {"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION}, {NULL, 0, NULL, 0},
};

static int parse_one(struct cp_cli_options *options, int option)
{
	switch (option) {
	case OPT_API:
		options->api = optarg;
		return 0;
	case OPT_CAS:
		options->cas = optarg;
		return 0;
	case OPT_JSON:
		options->json = true;
		return 0;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	case OPT_VERSION:
		puts("bulkhead " BULKHEAD_VERSION);
		return 1;
	default: // getopt has said what is wrong
		return -EINVAL;
	}
}

static int wrong(const char *what, const char *word)
{
	fprintf(stderr, "bulkhead: %s%s%s; see --help\n", what, word ? " " : "", word ? word : "");
	return -EINVAL;
}

static int parse_show(struct cp_cli_options *options, char **word, int n)
{
	bool one = n > 1 && strcmp(word[1], "service") == 0;

	if (n < 2)
		return wrong("show what? services, service NAME, ecmg, emmg, cas, ports, workers, alarms or status",
			     NULL);
	if (!cp_cli_can_show(word[1]))
		return wrong("cannot show", word[1]);
	if (one && (n < 3 || !*word[2]))
		return wrong("show service: give the NAME of one; 'show services' lists them", NULL);
	if (n > 2 + one)
		return wrong("unexpected argument", word[2 + one]);
	if (options->cas)
		return wrong("--cas belongs to cas emm send", NULL);
	options->command = CP_CLI_SHOW;
	options->what = word[1];
	options->name = one ? word[2] : NULL;
	return 0;
}

static int parse_cas(struct cp_cli_options *options, char **word, int n)
{
	if (n < 3 || strcmp(word[1], "emm") != 0 || strcmp(word[2], "send") != 0)
		return wrong("the command of a CAS is: cas emm send FILE", NULL);
	if (n < 4)
		return wrong("cas emm send: give a FILE of EMM sections", NULL);
	if (n > 4)
		return wrong("unexpected argument", word[4]);
	if (options->json)
		return wrong("--json belongs to show", NULL);
	options->command = CP_CLI_EMM_SEND;
	options->file = word[3];
	return 0;
}

int cp_cli_options_parse(struct cp_cli_options *options, int argc, char **argv)
{
	const char *api = getenv("BULKHEAD_API");
	int option, rc;

	*options = (struct cp_cli_options){.api = api && *api ? api : "/run/bulkhead/api.sock"};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option);
		if (rc)
			return rc;
	}
	if (optind == argc)
		return wrong("give a command", NULL);
	if (strcmp(argv[optind], "show") == 0)
		return parse_show(options, argv + optind, argc - optind);
	if (strcmp(argv[optind], "cas") == 0)
		return parse_cas(options, argv + optind, argc - optind);
	return wrong("unknown command", argv[optind]);
}
