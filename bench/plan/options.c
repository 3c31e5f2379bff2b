// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

static const char help[] =
	"Usage: bulkhead-bench plan [options] SERVICES.csv\n"
	"Reckons how many servers a line-up needs, from figures that were measured. docs/capacity.md says how.\n"
	"\n"
	"The file names its columns in its first line: name, mbit_s, algorithm, cas, legs, and at will output, class,\n"
	"crypto_period_s, ecm_bytes, ecm_repetition_ms. config/examples/services-500.csv is one. '-' is standard "
	"input.\n"
	"\n"
	"  --baseline FILE     a path.json of bulkhead-bench path, its kernel.json beside it; default: the committed "
	"one\n"
	"                      for this processor. Name it to plan for a server with another\n"
	"  --cores N           cores of a server, 2 to 65, one of them for the main thread; default 16\n"
	"  --ghz G             clock of its cores where it is not that of the baseline\n"
	"  --ports N           network ports of a server, 1 to 64; default 2\n"
	"  --port-gbit G       rate of a port; default 25\n"
	"  --memory-gib G      memory of a server; default 16\n"
	"  --utilization P     per cent of NDR and of a port's rate that it is loaded to, 1 to 100; default 70\n"
	"  --failure-utilization P\n"
	"                      the same while a server is down; default 90\n"
	"  --legs HOW          the legs of a service: together on one server (default), or apart\n"
	"  --emm NAME:KBPS:OUTPUT,...\n"
	"                      an EMM stream and the outputs that carry it, * for all; up to 32 times\n"
	"  --assign            tell what each server carries\n"
	"  --json FILE         also write JSON; '-': to standard output, in place of the text\n"
	"  --html FILE         also write a report for a browser\n"
	"  --help\n"
	"\n"
	"Exit status: 0 good, 1 it cannot be planned, 2 usage, or mistakes in the file.\n";

enum {
	OPT_BASELINE = 1,
	OPT_CORES,
	OPT_GHZ,
	OPT_PORTS,
	OPT_PORT_GBIT,
	OPT_MEMORY,
	OPT_UTILIZATION,
	OPT_FAILURE,
	OPT_LEGS,
	OPT_EMM,
	OPT_ASSIGN,
	OPT_JSON,
	OPT_HTML,
	OPT_HELP
};

static const struct option table[] = {
	{"baseline", required_argument, NULL, OPT_BASELINE},
	{"cores", required_argument, NULL, OPT_CORES},
	{"ghz", required_argument, NULL, OPT_GHZ},
	{"ports", required_argument, NULL, OPT_PORTS},
	{"port-gbit", required_argument, NULL, OPT_PORT_GBIT},
	{"memory-gib", required_argument, NULL, OPT_MEMORY},
	{"utilization", required_argument, NULL, OPT_UTILIZATION},
	{"failure-utilization", required_argument, NULL, OPT_FAILURE},
	{"legs", required_argument, NULL, OPT_LEGS},
	{"emm", required_argument, NULL, OPT_EMM},
	{"assign", no_argument, NULL, OPT_ASSIGN},
	{"json", required_argument, NULL, OPT_JSON},
	{"html", required_argument, NULL, OPT_HTML},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static int wrong(const char *name, const char *right)
{
	fprintf(stderr, "bulkhead-bench plan: --%s %s: give %s\n", name, optarg, right);
	return -EINVAL;
}

static int real(const char *name, double min, double max, double *out)
{
	char *end;
	char right[64];
	double value = strtod(optarg, &end);

	if (*optarg >= '0' && *optarg <= '9' && !*end && value >= min && value <= max) {
		*out = value;
		return 0;
	}
	snprintf(right, sizeof(right), "%g to %g", min, max);
	return wrong(name, right);
}

static int whole(const char *name, unsigned min, unsigned max, unsigned *out)
{
	return bench_number(&(struct bench_argument){"plan", name, optarg}, min, max, out);
}

static int per_cent(const char *name, double *out)
{
	int rc = real(name, 1, 100, out);

	*out /= rc ? 1 : 100;
	return rc;
}

static int parse_legs(struct bench_plan_options *options)
{
	options->legs_apart = strcmp(optarg, "apart") == 0;
	return options->legs_apart || strcmp(optarg, "together") == 0 ? 0 : wrong("legs", "together or apart");
}

static int parse_emm(struct bench_plan_options *options)
{
	static const char right[] = "NAME:KBPS:OUTPUT,..., as in vendor1:500:*, with 1 to 65535 kbit/s";
	const char *rate = strchr(optarg, ':');
	char *end;

	if (options->emms == DP_MSG_EMMS_MAX)
		return wrong("emm", "at most 32 streams: a server carries no more");
	if (!rate || rate == optarg || rate[1] < '0' || rate[1] > '9')
		return wrong("emm", right);
	unsigned long kbps = strtoul(rate + 1, &end, 10);

	if (*end != ':' || !end[1] || kbps < 1 || kbps > 65535)
		return wrong("emm", right);
	for (unsigned i = 0; i < options->emms; i++)
		if (strncmp(options->emm[i].text, optarg, (size_t)(rate - optarg) + 1) == 0)
			return wrong("emm", "each stream once, with all its outputs");
	options->emm[options->emms++] = (struct bench_plan_emm){.text = optarg,
								.name_n = (size_t)(rate - optarg),
								.bps = 1e3 * (double)kbps,
								.outputs = end + 1};
	return 0;
}

static int parse_server(struct bench_plan_options *options, int option)
{
	switch (option) {
	case OPT_CORES:
		return whole("cores", 2, 65, &options->cores);
	case OPT_GHZ:
		return real("ghz", 0.1, 20, &options->ghz);
	case OPT_PORTS:
		return whole("ports", 1, 64, &options->ports);
	case OPT_PORT_GBIT:
		return real("port-gbit", 0.1, 1000, &options->port_gbit);
	case OPT_MEMORY:
		return real("memory-gib", 0.1, 65536, &options->memory_gib);
	case OPT_UTILIZATION:
		return per_cent("utilization", &options->utilization);
	case OPT_FAILURE:
		return per_cent("failure-utilization", &options->failure_utilization);
	default: // getopt has said what is wrong
		return -EINVAL;
	}
}

static int parse_one(struct bench_plan_options *options, int option)
{
	switch (option) {
	case OPT_BASELINE:
		options->baseline = optarg;
		return 0;
	case OPT_LEGS:
		return parse_legs(options);
	case OPT_EMM:
		return parse_emm(options);
	case OPT_ASSIGN:
		options->assign = true;
		return 0;
	case OPT_JSON:
		options->json = optarg;
		return 0;
	case OPT_HTML:
		options->html = optarg;
		return 0;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	default:
		return parse_server(options, option);
	}
}

static int check(struct bench_plan_options *options, int argc, char **argv)
{
	if (optind + 1 != argc) {
		fprintf(stderr, "bulkhead-bench plan: give one line-up, as in services.csv; see --help\n");
		return -EINVAL;
	}
	options->line_up = argv[optind];
	if (options->failure_utilization < options->utilization) {
		fprintf(stderr, "bulkhead-bench plan: --failure-utilization is less than --utilization: give as much "
				"or more\n");
		return -EINVAL;
	}
	if (options->json && options->html && strcmp(options->json, "-") == 0 && strcmp(options->html, "-") == 0) {
		fprintf(stderr, "bulkhead-bench plan: --json - and --html -: only one can go to standard output\n");
		return -EINVAL;
	}
	return 0;
}

int bench_plan_options_parse(struct bench_plan_options *options, int argc, char **argv)
{
	int option, rc;

	*options = (struct bench_plan_options){.cores = 16,
					       .ports = 2,
					       .port_gbit = 25,
					       .memory_gib = 16,
					       .utilization = 0.7,
					       .failure_utilization = 0.9};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option);
		if (rc)
			return rc;
	}
	return check(options, argc, argv);
}

bool bench_plan_emm_carried(const struct bench_plan_emm *emm, const char *output)
{
	return strcmp(emm->outputs, "*") == 0 || bench_among(emm->outputs, output);
}
