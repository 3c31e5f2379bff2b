// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel/options.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cipher/cipher.h"
#include "number.h"

static const char help[] =
	"Usage: bulkhead-bench kernel [options]\n"
	"Measures the scrambling kernels by themselves on one pinned core, interleaved with libdvbcsa, ipsec-mb and\n"
	"OpenSSL at their best: full batches, batch fill, keys per batch, odd lengths, key set-up.\n"
	"\n"
	"  --algorithm LIST    csa1, csa2, cissa, idsa, sm4-cbc, aes-cbc, aes-ecb; default all\n"
	"  --isa LIST          only our kernels of these, as in avx2,portable; default all that run here\n"
	"  --rounds N          how often every row is measured, 1 to 999; default 31\n"
	"  --slice-us US       shortest time of a row in a round, 10 to 1000000; default 500\n"
	"  --core N            where to run; default the last one that this process may use\n"
	"  --plots DIR         also draw SVG plots into this folder (needs gnuplot)\n"
	"  --json              JSON instead of the table\n"
	"  --help\n"
	"\n"
	"Progress goes to standard error. Exit status: 0 good, 1 it could not run or implementations disagree, 2 "
	"usage.\n";

enum { OPT_ALGORITHM = 1, OPT_ISA, OPT_ROUNDS, OPT_SLICE, OPT_CORE, OPT_PLOTS, OPT_JSON, OPT_HELP };

static const struct option table[] = {
	{"algorithm", required_argument, NULL, OPT_ALGORITHM},
	{"isa", required_argument, NULL, OPT_ISA},
	{"rounds", required_argument, NULL, OPT_ROUNDS},
	{"slice-us", required_argument, NULL, OPT_SLICE},
	{"core", required_argument, NULL, OPT_CORE},
	{"plots", required_argument, NULL, OPT_PLOTS},
	{"json", no_argument, NULL, OPT_JSON},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static int number(const char *name, unsigned min, unsigned max, unsigned *out)
{
	return bench_number(&(struct bench_argument){"kernel", name, optarg}, min, max, out);
}

static int parse_algorithms(struct bench_kernel_options *options)
{
	unsigned words = 1, known = 0;

	for (const char *at = optarg; *at; at++)
		words += *at == ',';
	for (unsigned a = 0; a < DP_ALGORITHMS; a++) {
		options->algorithm[a] = bench_among(optarg, dp_algorithm[a].name);
		known += options->algorithm[a];
	}
	if (known == words)
		return 0;
	fprintf(stderr, "bulkhead-bench kernel: --algorithm %s: give some of", optarg);
	for (unsigned a = 0; a < DP_ALGORITHMS; a++)
		fprintf(stderr, " %s", dp_algorithm[a].name);
	fprintf(stderr, ", each once, with commas\n");
	return -EINVAL;
}

static bool known_isa(const char *isa)
{
	for (unsigned a = 0; a < DP_ALGORITHMS; a++)
		for (const struct dp_cipher_ops *const *at = dp_cipher_list((enum dp_algorithm)a); *at; at++)
			if (strcmp((*at)->isa, isa) == 0)
				return true;
	return false;
}

static int parse_isas(struct bench_kernel_options *options)
{
	char *list = strdup(optarg), *rest = list, *isa;
	int rc = list ? 0 : -ENOMEM;

	while (!rc && (isa = strsep(&rest, ",")))
		if (!known_isa(isa)) {
			fprintf(stderr,
				"bulkhead-bench kernel: --isa %s: no kernel is for '%s'; give some of those in "
				"docs/kernels.md, "
				"as in avx2,portable\n",
				optarg, isa);
			rc = -EINVAL;
		}
	free(list);
	options->isa = optarg;
	return rc;
}

static int parse_one(struct bench_kernel_options *options, int option)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned core;
	int rc;

	switch (option) {
	case OPT_ALGORITHM:
		return parse_algorithms(options);
	case OPT_ISA:
		return parse_isas(options);
	case OPT_ROUNDS:
		return number("rounds", 1, BENCH_KERNEL_ROUNDS_MAX, &options->rounds);
	case OPT_SLICE:
		return number("slice-us", 10, 1000000, &options->slice_us);
	case OPT_CORE:
		rc = number("core", 0, (unsigned)cores - 1, &core);
		options->core = rc ? options->core : (int)core;
		return rc;
	case OPT_PLOTS:
		options->plots = optarg;
		return 0;
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

bool bench_kernel_wants_isa(const struct bench_kernel_options *options, const char *isa)
{
	return !options->isa || bench_among(options->isa, isa);
}

// The last of the cores that this process may use.
static int last_core(void)
{
	cpu_set_t set;
	int core = CPU_SETSIZE;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 0;
	while (core-- > 0)
		if (CPU_ISSET((size_t)core, &set))
			return core;
	return 0;
}

int bench_kernel_options_parse(struct bench_kernel_options *options, int argc, char **argv)
{
	int option, rc;

	*options = (struct bench_kernel_options){.rounds = 31, .slice_us = 500, .core = last_core()};
	memset(options->algorithm, true, sizeof(options->algorithm));
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option);
		if (rc)
			return rc;
	}
	if (optind < argc) {
		fprintf(stderr, "bulkhead-bench kernel: unexpected argument %s; see --help\n", argv[optind]);
		return -EINVAL;
	}
	return 0;
}
