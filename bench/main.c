// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-bench: one program, one subcommand per kind of measurement.
#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"
#include "path/path.h"
#include "plan/plan.h"

enum { EXIT_USAGE = 2 };

static const struct subcommand {
	const char *name;
	const char *what;
	int (*run)(int argc, char **argv);
} table[] = {
	{"kernel", "the ciphers by themselves, beside the libraries that others use", bench_kernel_main},
	{"path", "what each stage of the packet path costs, and what the guard costs", bench_path_main},
	{"plan", "how many servers a line-up needs, from what was measured", bench_plan_main},
};

enum { SUBCOMMANDS = sizeof(table) / sizeof(table[0]) };

static void usage(FILE *out)
{
	fprintf(out, "Usage: bulkhead-bench SUBCOMMAND [options]; bulkhead-bench SUBCOMMAND --help\n\n");
	for (unsigned i = 0; i < SUBCOMMANDS; i++)
		fprintf(out, "  %-8s %s\n", table[i].name, table[i].what);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return 0;
	}
	for (unsigned i = 0; argc > 1 && i < SUBCOMMANDS; i++)
		if (strcmp(argv[1], table[i].name) == 0)
			return table[i].run(argc - 1, argv + 1);
	usage(stderr);
	return EXIT_USAGE;
}
