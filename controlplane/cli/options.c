// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/show.h"

static const char help[] =
	"Usage: bulkhead [--api SOCKET|URL] COMMAND\n"
	"Asks bulkhead-api how the head-end is, and changes it.\n"
	"\n"
	"  show services [--json]           every service, what is wrong first\n"
	"  show service NAME [--json]       one: each PID, scrambled or clear and why; its ECMs and crypto-period\n"
	"  show ecmg [--json]               the ECMGs as the SCS sees them\n"
	"  show emmg [--json]               the EMM streams of the MUX\n"
	"  show cas [--json]                every CAS: its vault, ECMG and EMMG\n"
	"  show inputs [--json]             inputs of the dataplane, and the source that each follows\n"
	"  show outputs [--json]            outputs of the dataplane, and how evenly their datagrams leave\n"
	"  show ports [--json]              ports of the dataplane\n"
	"  show workers [--json]            workers of the dataplane\n"
	"  show alarms [--json]             what stands now, the most severe first\n"
	"  show status [--json]             which process is there, since when, connected to whom\n"
	"  config show [--json]             the document that bulkhead-control runs, to be read in again\n"
	"  config reload [--check] [--json] have it read its file anew, or only check it; tells what differs\n"
	"  move INPUT --worker N [--json]   an input and its services to another worker of the dataplane\n"
	"  cas emm send FILE [--cas NAME]   send the EMM sections of FILE (- for standard input), one after the other\n"
	"\n"
	"  --api SOCKET|URL   local socket or http://127.0.0.1:PORT of bulkhead-api (default: BULKHEAD_API in the\n"
	"                     environment, then /run/bulkhead/api.sock)\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 good, 1 error, 2 wrong usage.\n";

enum { OPT_API = 1, OPT_CAS, OPT_CHECK, OPT_JSON, OPT_WORKER, OPT_HELP, OPT_VERSION };

static const struct option table[] = {
	{"api", required_argument, NULL, OPT_API},       {"cas", required_argument, NULL, OPT_CAS},
	{"check", no_argument, NULL, OPT_CHECK},         {"json", no_argument, NULL, OPT_JSON},
	{"worker", required_argument, NULL, OPT_WORKER}, {"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},     {NULL, 0, NULL, 0},
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
	case OPT_CHECK:
		options->check = true;
		return 0;
	case OPT_JSON:
		options->json = true;
		return 0;
	case OPT_WORKER:
		options->worker = optarg;
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

static int parse_config(struct cp_cli_options *options, char **word, int n)
{
	bool show = n > 1 && strcmp(word[1], "show") == 0;

	if (!show && (n < 2 || strcmp(word[1], "reload") != 0))
		return wrong("config what? show or reload", NULL);
	if (n > 2)
		return wrong("unexpected argument", word[2]);
	options->command = show ? CP_CLI_CONFIG_SHOW : CP_CLI_CONFIG_RELOAD;
	return 0;
}

static int parse_move(struct cp_cli_options *options, char **word, int n)
{
	char *end = NULL;

	if (n < 2 || !*word[1] || !options->worker)
		return wrong("move: give the name of an INPUT and --worker N", NULL);
	if (n > 2)
		return wrong("unexpected argument", word[2]);
	unsigned long worker = strtoul(options->worker, &end, 10);

	if (*options->worker < '0' || *options->worker > '9' || *end || worker >= UINT16_MAX)
		return wrong("--worker takes the number of a worker, counted from 0, and not", options->worker);
	options->command = CP_CLI_MOVE;
	options->input = word[1];
	options->worker_number = (unsigned)worker;
	return 0;
}

// Options that belong to one command alone.
static int check_belonging(const struct cp_cli_options *options)
{
	if (options->check && options->command != CP_CLI_CONFIG_RELOAD)
		return wrong("--check belongs to config reload", NULL);
	if (options->worker && options->command != CP_CLI_MOVE)
		return wrong("--worker belongs to move", NULL);
	if (options->cas && options->command != CP_CLI_EMM_SEND)
		return wrong("--cas belongs to cas emm send", NULL);
	return 0;
}

static int parse_command(struct cp_cli_options *options, char **word, int n)
{
	if (strcmp(word[0], "show") == 0)
		return parse_show(options, word, n);
	if (strcmp(word[0], "cas") == 0)
		return parse_cas(options, word, n);
	if (strcmp(word[0], "config") == 0)
		return parse_config(options, word, n);
	if (strcmp(word[0], "move") == 0)
		return parse_move(options, word, n);
	return wrong("unknown command", word[0]);
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
	rc = parse_command(options, argv + optind, argc - optind);
	return rc ? rc : check_belonging(options);
}
