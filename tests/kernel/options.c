// SPDX-License-Identifier: GPL-3.0-or-later
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The ordinary seed: every run tries the same.
#define SEED UINT64_C(0x42756C6B68656164)

static const char help[] = "Usage: kernel-test [options]\n"
			   "Compares every implementation that this machine can run with what others wrote.\n"
			   "\n"
			   "  --algorithm A        csa1, csa2, cissa, ...: this one only\n"
			   "  --implementation I   of this author only: bulkhead, reference, libdvbcsa, ipsec-mb\n"
			   "  --isa I              of this instruction set only: avx2, portable, ...\n"
			   "  --test T             this test only\n"
			   "  --without FEATURES   as if the processor lacked these: aes,avx2,vaes,avx512,vbmi,gfni\n"
			   "  --seed N             other random packets\n"
			   "  --brief              fewer cases, for emulated processors\n"
			   "  --list               name all implementations and end\n"
			   "  --help\n"
			   "Exit status: 0 good, 1 something failed or nothing was tested, 2 wrong usage.\n";

enum { OPT_ALGORITHM = 1, OPT_IMPLEMENTATION, OPT_ISA, OPT_TEST, OPT_WITHOUT, OPT_SEED, OPT_BRIEF, OPT_LIST, OPT_HELP };

static const struct option table[] = {
	{"algorithm", required_argument, NULL, OPT_ALGORITHM},
	{"implementation", required_argument, NULL, OPT_IMPLEMENTATION},
	{"isa", required_argument, NULL, OPT_ISA},
	{"test", required_argument, NULL, OPT_TEST},
	{"without", required_argument, NULL, OPT_WITHOUT},
	{"seed", required_argument, NULL, OPT_SEED},
	{"brief", no_argument, NULL, OPT_BRIEF},
	{"list", no_argument, NULL, OPT_LIST},
	{"help", no_argument, NULL, OPT_HELP},
	{0},
};

static int refuse(const char *what, const char *argument)
{
	fprintf(stderr, "kernel-test: %s '%s'; see --help\n", what, argument);
	return -EINVAL;
}

static int parse_without(struct options *options, char *names)
{
	for (char *rest, *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		unsigned i = 0;

		while (i < DP_CPU_FEATURES && strcmp(name, dp_cpu_name[i]) != 0)
			i++;
		if (i == DP_CPU_FEATURES)
			return refuse("no feature", name);
		options->features = dp_cpu_less(options->features, UINT32_C(1) << i);
	}
	return 0;
}

static int parse_seed(struct options *options, const char *text)
{
	char *end;

	errno = 0;
	options->seed = strtoull(text, &end, 0);
	return errno || end == text || *end ? refuse("no seed", text) : 0;
}

static int parse_one(struct options *options, int option)
{
	switch (option) {
	case OPT_ALGORITHM:
		options->algorithm = optarg;
		return 0;
	case OPT_IMPLEMENTATION:
		options->implementation = optarg;
		return 0;
	case OPT_ISA:
		options->isa = optarg;
		return 0;
	case OPT_TEST:
		options->test = optarg;
		return 0;
	case OPT_WITHOUT:
		return parse_without(options, optarg);
	case OPT_SEED:
		return parse_seed(options, optarg);
	case OPT_BRIEF:
		options->brief = true;
		return 0;
	case OPT_LIST:
		options->list = true;
		return 0;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	default: // getopt said what is wrong
		return -EINVAL;
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	int option, rc;

	*options = (struct options){.seed = SEED, .features = dp_cpu_features()};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option);
		if (rc)
			return rc;
	}
	return optind < argc ? refuse("unexpected argument", argv[optind]) : 0;
}

bool options_want(const struct options *options, const struct dp_cipher_ops *ops)
{
	return (!options->implementation || strcmp(options->implementation, ops->name) == 0) &&
	       (!options->isa || strcmp(options->isa, ops->isa) == 0);
}
