// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/keyfile.h"

const char *const bench_mix_name[BENCH_MIXES] = {
	[BENCH_CLEAR] = "clear",
	[BENCH_CSA2] = "csa2",
	[BENCH_CISSA] = "cissa",
	[BENCH_MIXED] = "mixed",
};

static const char help[] =
	"Usage: bulkhead-bench path [options]\n"
	"Measures the packet path of the dataplane, stage by stage, in TSC ticks per transport packet.\n"
	"\n"
	"  --services LIST     numbers of services, each a case; default 1,10,100, at most 256\n"
	"  --algorithm LIST    csa2, cissa, mixed (every other service); default csa2,cissa\n"
	"  --seconds S         measured time of one run of one case, 0.02 to 60; default 2\n"
	"  --runs N            runs of every case, interleaved; default 5\n"
	"  --workers N         worker cores, from core 1 on; default 1\n"
	"  --period-ms MS      crypto-period in stream time, 1000 to 3600000; default 0, fixed keys\n"
	"  --rate-kbps R       bit rate of a service, 500 to 100000; default 8000\n"
	"  --null-percent P    null packets in the input, 0 to 50; default 5\n"
	"  --json              JSON instead of the table\n"
	"  --help\n"
	"\n"
	"Progress goes to standard error. Exit status: 0 good, 1 it could not run or its own check failed, 2 usage.\n";

enum {
	OPT_SERVICES = 1,
	OPT_ALGORITHM,
	OPT_SECONDS,
	OPT_RUNS,
	OPT_WORKERS,
	OPT_PERIOD,
	OPT_RATE,
	OPT_NULL,
	OPT_JSON,
	OPT_HELP
};

static const struct option table[] = {
	{"services", required_argument, NULL, OPT_SERVICES},
	{"algorithm", required_argument, NULL, OPT_ALGORITHM},
	{"seconds", required_argument, NULL, OPT_SECONDS},
	{"runs", required_argument, NULL, OPT_RUNS},
	{"workers", required_argument, NULL, OPT_WORKERS},
	{"period-ms", required_argument, NULL, OPT_PERIOD},
	{"rate-kbps", required_argument, NULL, OPT_RATE},
	{"null-percent", required_argument, NULL, OPT_NULL},
	{"json", no_argument, NULL, OPT_JSON},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static int wrong(const char *name, const char *text, const char *right)
{
	fprintf(stderr, "bulkhead-bench path: --%s %s: give %s\n", name, text, right);
	return -EINVAL;
}

// A number from `min` to `max`, ended by a zero or a comma; *next is where it ended.
static int number(const char *text, unsigned min, unsigned max, unsigned *out, const char **next)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || (*end && *end != ',') || value < min || value > max)
		return -EINVAL;
	*out = (unsigned)value;
	*next = end;
	return 0;
}

static int one_number(const char *name, const char *text, unsigned min, unsigned max, unsigned *out)
{
	const char *end;
	char right[64];

	if (number(text, min, max, out, &end) == 0 && *end == '\0')
		return 0;
	snprintf(right, sizeof(right), "%u to %u", min, max);
	return wrong(name, text, right);
}

static int parse_services(struct bench_options *options, const char *text)
{
	const char *at = text;

	options->counts = 0;
	do {
		at += options->counts ? 1 : 0;
		if (options->counts == BENCH_SERVICE_COUNTS_MAX ||
		    number(at, 1, BENCH_SERVICES_MAX, &options->services[options->counts], &at))
			return wrong("services", text, "up to 8 numbers from 1 to 256, as in 1,10,100");
		options->counts++;
	} while (*at == ',');
	return 0;
}

static int parse_algorithms(struct bench_options *options, const char *text)
{
	memset(options->mix, 0, sizeof(options->mix));
	for (const char *at = text;; at++) {
		size_t n = strcspn(at, ",");
		unsigned mix = BENCH_CSA2;

		while (mix < BENCH_MIXES &&
		       (strlen(bench_mix_name[mix]) != n || memcmp(bench_mix_name[mix], at, n) != 0))
			mix++;
		if (mix == BENCH_MIXES)
			return wrong("algorithm", text, "csa2, cissa, mixed, or several with commas");
		options->mix[mix] = true;
		at += n;
		if (*at == '\0')
			return 0;
	}
}

static int parse_seconds(struct bench_options *options, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (*text < '0' || *text > '9' || *end || !(seconds >= 0.02 && seconds <= 60))
		return wrong("seconds", text, "0.02 to 60");
	options->window_ms = (unsigned)(seconds * 1000 + 0.5);
	return 0;
}

static int parse_period(struct bench_options *options, const char *text)
{
	if (strcmp(text, "0") == 0) {
		options->period_ms = 0;
		return 0;
	}
	return one_number("period-ms", text, DP_KEYFILE_PERIOD_MIN_MS, DP_KEYFILE_PERIOD_MAX_MS, &options->period_ms);
}

static int parse_one(struct bench_options *options, int option)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	switch (option) {
	case OPT_SERVICES:
		return parse_services(options, optarg);
	case OPT_ALGORITHM:
		return parse_algorithms(options, optarg);
	case OPT_SECONDS:
		return parse_seconds(options, optarg);
	case OPT_RUNS:
		return one_number("runs", optarg, 1, BENCH_RUNS_MAX, &options->runs);
	case OPT_WORKERS:
		return one_number("workers", optarg, 1, cores > 32 ? 32 : (unsigned)cores, &options->workers);
	case OPT_PERIOD:
		return parse_period(options, optarg);
	case OPT_RATE:
		return one_number("rate-kbps", optarg, 500, 100000, &options->rate_kbps);
	case OPT_NULL:
		return one_number("null-percent", optarg, 0, 50, &options->null_percent);
	case OPT_JSON:
		options->json = true;
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

	*options = (struct bench_options){.counts = 3,
					  .services = {1, 10, 100},
					  .mix = {[BENCH_CSA2] = true, [BENCH_CISSA] = true},
					  .window_ms = 2000,
					  .workers = 1,
					  .runs = 5,
					  .rate_kbps = 8000,
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
