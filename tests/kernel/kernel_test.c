// SPDX-License-Identifier: GPL-3.0-or-later
// kernel-test: every implementation of every algorithm that this machine can run, against what others wrote.
//
// Two tables: tests.c and dp_cipher_list(). Whatever fails is printed with all that is needed to see it again.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "tests.h"

static void print_needs(uint32_t needs)
{
	for (unsigned i = 0; i < DP_CPU_FEATURES; i++)
		if (needs >> i & 1)
			printf(" %s", dp_cpu_name[i]);
}

static void print_row(const struct dp_cipher_ops *ops, uint32_t features)
{
	printf("%-8s %-10s %-12s %3u lanes, key %4zu bytes, scratch %6zu bytes", dp_algorithm[ops->algorithm].name,
	       ops->name, ops->isa, ops->lanes, ops->key_bytes, ops->scratch_bytes);
	if (ops->needs & ~features) {
		printf(", out of reach without");
		print_needs(ops->needs & ~features);
	}
	putchar('\n');
}

static void print_list(const struct options *options)
{
	printf("processor:");
	print_needs(options->features);
	putchar('\n');
	for (unsigned a = 0; a < DP_ALGORITHMS; a++)
		for (const struct dp_cipher_ops *const *at = dp_cipher_list((enum dp_algorithm)a); *at; at++)
			print_row(*at, options->features);
}

// Opens what is asked for and can run; prints what cannot, with the reason. Returns the number of failures.
static unsigned gather(struct trial *trial, const struct options *options)
{
	unsigned failures = 0;
	int rc;

	for (const struct dp_cipher_ops *const *at = dp_cipher_list(trial->algorithm); *at; at++) {
		const struct dp_cipher_ops *ops = *at;

		if (!options_want(options, ops))
			continue;
		printf("%s ", ops->needs & ~options->features ? "skipped" : "testing");
		print_row(ops, options->features);
		if (ops->needs & ~options->features)
			continue;
		rc = trial_add(trial, ops);
		if (rc == -ENOTSUP && strcmp(ops->isa, "library") == 0) {
			printf("skipped: %s does not work on this processor\n", ops->name);
		} else if (rc) {
			printf("FAILED %s %s %s does not open: %s\n", dp_algorithm[ops->algorithm].name, ops->name,
			       ops->isa, strerror(-rc));
			failures++;
		}
	}
	return failures;
}

static unsigned try_algorithm(enum dp_algorithm algorithm, const struct options *options, unsigned *tried)
{
	struct trial *trial = trial_new(algorithm, options->brief);
	unsigned failures;

	if (!trial) {
		printf("FAILED %s: there is no witness\n", dp_algorithm[algorithm].name);
		return 1;
	}
	failures = gather(trial, options);
	printf("%s: %u implementations against %s\n", dp_algorithm[algorithm].name, trial->count,
	       trial->witness.kind->name);
	*tried += trial->count;
	tests_run(trial, options->seed, options->test);
	return failures + trial_free(trial);
}

int main(int argc, char **argv)
{
	struct options options;
	unsigned failures = 0, tried = 0;
	int rc = options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (options.list) {
		print_list(&options);
		return 0;
	}
	if (options.test && !tests_know(options.test)) {
		fprintf(stderr, "kernel-test: no test '%s'\n", options.test);
		return 2;
	}
	printf("seed 0x%llx; processor:", (unsigned long long)options.seed);
	print_needs(options.features);
	putchar('\n');
	for (unsigned a = 0; a < DP_ALGORITHMS; a++)
		if (!options.algorithm || strcmp(options.algorithm, dp_algorithm[a].name) == 0)
			failures += try_algorithm((enum dp_algorithm)a, &options, &tried);
	printf("%u implementations, %u failures\n", tried, failures);
	if (failures)
		printf("again: kernel-test --seed 0x%llx%s\n", (unsigned long long)options.seed,
		       options.brief ? " --brief" : "");
	return failures || !tried ? 1 : 0;
}
