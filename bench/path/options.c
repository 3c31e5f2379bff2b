// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "source/keyfile.h"

const char *const bench_mix_name[BENCH_MIXES] = {
	[BENCH_CLEAR] = "clear",
	[BENCH_CSA2] = "csa2",
	[BENCH_CISSA] = "cissa",
	[BENCH_MIXED] = "mixed",
};

static const char help[] =
	"Usage: bulkhead-bench path [options]\n"
	"Measures the packet path of the dataplane between a replay from memory and a sink that checks it: cost by "
	"stage,\n"
	"the rate as fast as possible (MRR), the highest rates with no loss (NDR) and with 0.5 % (PDR), and the delay "
	"at\n"
	"10, 50 and 90 % of NDR.\n"
	"\n"
	"  --services LIST     numbers of services, each with its own keys; default 1,10,100,500,1000, at most 1024\n"
	"  --algorithm LIST    csa2, cissa, mixed (every other service); default csa2,cissa\n"
	"  --workers LIST      numbers of worker cores, from core 1 on; default 1\n"
	"  --run-ms MS         measured time of one run as fast as possible, 20 to 60000; default 500\n"
	"  --runs N            such runs of every case, interleaved; default 5\n"
	"  --trial-ms MS       length of a paced trial, 20 to 60000; default 1000\n"
	"  --costs             only the runs as fast as possible\n"
	"  --quick             10 and 1000 services, one run, short trials; options after it may say otherwise\n"
	"  --period-ms MS      crypto-period, 1000 to 3600000, 0: fixed keys; default 10000\n"
	"  --null-percent P    null packets in the input, 0 to 50; default 5\n"
	"  --hugepages         packet buffers in hugepages\n"
	"  --json FILE         also write the results as JSON\n"
	"  --plots DIR         also draw SVG plots into this folder (needs gnuplot)\n"
	"  --help\n"
	"\n"
	"Progress goes to standard error. Exit status: 0 good, 1 it could not run or its own check failed, 2 usage.\n";

enum {
	OPT_SERVICES = 1,
	OPT_ALGORITHM,
	OPT_WORKERS,
	OPT_RUN,
	OPT_RUNS,
	OPT_TRIAL,
	OPT_COSTS,
	OPT_QUICK,
	OPT_PERIOD,
	OPT_NULL,
	OPT_HUGEPAGES,
	OPT_JSON,
	OPT_PLOTS,
	OPT_HELP
};

static const struct option table[] = {
	{"services", required_argument, NULL, OPT_SERVICES},
	{"algorithm", required_argument, NULL, OPT_ALGORITHM},
	{"workers", required_argument, NULL, OPT_WORKERS},
	{"run-ms", required_argument, NULL, OPT_RUN},
	{"runs", required_argument, NULL, OPT_RUNS},
	{"trial-ms", required_argument, NULL, OPT_TRIAL},
	{"costs", no_argument, NULL, OPT_COSTS},
	{"quick", no_argument, NULL, OPT_QUICK},
	{"period-ms", required_argument, NULL, OPT_PERIOD},
	{"null-percent", required_argument, NULL, OPT_NULL},
	{"hugepages", no_argument, NULL, OPT_HUGEPAGES},
	{"json", required_argument, NULL, OPT_JSON},
	{"plots", required_argument, NULL, OPT_PLOTS},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static int number(const char *option, unsigned min, unsigned max, unsigned *out)
{
	return bench_number(&(struct bench_argument){"path", option, optarg}, min, max, out);
}

static int numbers(const char *option, unsigned max, unsigned *list, unsigned *n)
{
	int read = bench_numbers(&(struct bench_argument){"path", option, optarg}, 1, max, list, BENCH_LIST_MAX);

	*n = read > 0 ? (unsigned)read : 0;
	return read > 0 ? 0 : read;
}

static int parse_algorithms(struct bench_options *options)
{
	unsigned words = 1, known = 0;

	for (const char *at = optarg; *at; at++)
		words += *at == ',';
	for (unsigned mix = BENCH_CSA2; mix < BENCH_MIXES; mix++) {
		options->mix[mix] = bench_among(optarg, bench_mix_name[mix]);
		known += options->mix[mix];
	}
	if (known == words)
		return 0;
	fprintf(stderr, "bulkhead-bench path: --algorithm %s: give csa2, cissa, mixed, each once, with commas\n",
		optarg);
	return -EINVAL;
}

static int parse_period(struct bench_options *options)
{
	options->period_ms = 0;
	return strcmp(optarg, "0") == 0
		       ? 0
		       : number("period-ms", DP_KEYFILE_PERIOD_MIN_MS, DP_KEYFILE_PERIOD_MAX_MS, &options->period_ms);
}

static void be_quick(struct bench_options *options)
{
	options->counts = 2;
	options->services[0] = 10;
	options->services[1] = 1000;
	options->run_ms = 200;
	options->runs = 1;
	options->trial_ms = 100;
}

static int parse_one(struct bench_options *options, int option)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned most = cores > BENCH_WORKERS_MAX ? BENCH_WORKERS_MAX : (unsigned)cores;

	switch (option) {
	case OPT_SERVICES:
		return numbers("services", BENCH_SERVICES_MAX, options->services, &options->counts);
	case OPT_ALGORITHM:
		return parse_algorithms(options);
	case OPT_WORKERS:
		return numbers("workers", most, options->workers, &options->worker_counts);
	case OPT_RUN:
		return number("run-ms", 20, 60000, &options->run_ms);
	case OPT_RUNS:
		return number("runs", 1, BENCH_RUNS_MAX, &options->runs);
	case OPT_TRIAL:
		return number("trial-ms", 20, 60000, &options->trial_ms);
	case OPT_COSTS:
		options->costs_only = true;
		return 0;
	case OPT_QUICK:
		be_quick(options);
		return 0;
	case OPT_PERIOD:
		return parse_period(options);
	case OPT_NULL:
		return number("null-percent", 0, 50, &options->null_percent);
	case OPT_HUGEPAGES:
		options->hugepages = true;
		return 0;
	case OPT_JSON:
		options->json = optarg;
		return 0;
	case OPT_PLOTS:
		options->plots = optarg;
		return 0;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	default: // getopt has said what is wrong
		return -EINVAL;
	}
}

int bench_options_parse(struct bench_options *options, int argc, char **argv)
{
	int option, rc;

	*options = (struct bench_options){.counts = 5,
					  .services = {1, 10, 100, 500, 1000},
					  .worker_counts = 1,
					  .workers = {1},
					  .mix = {[BENCH_CSA2] = true, [BENCH_CISSA] = true},
					  .run_ms = 500,
					  .runs = 5,
					  .trial_ms = 1000,
					  .period_ms = 10000,
					  .null_percent = 5};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option);
		if (rc)
			return rc;
	}
	if (optind < argc) {
		fprintf(stderr, "bulkhead-bench path: unexpected argument %s; see --help\n", argv[optind]);
		return -EINVAL;
	}
	return 0;
}
