// SPDX-License-Identifier: GPL-3.0-or-later
// kernel-faults: the tests of kernel-test and the comparison of kernel-compare can fail. A good kernel passes them; the
// same with any of our faults does not pass the tests, and with a wrong bit not the comparison.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base_check.h>

#include "block.h"
#include "faults.h"
#include "tests.h"

enum { SEED = 1, LINE_BYTES = 256 };

// The best that runs here.
static const struct dp_cipher_ops *best(enum dp_algorithm algorithm)
{
	const struct dp_cipher_ops *const *at = dp_cipher_list(algorithm);

	while (*at && !kernel_runs(*at))
		at++;
	CHECK(*at);
	return *at;
}

static _Noreturn void try_in_child(const struct dp_cipher_ops *ops, FILE *said)
{
	struct trial *trial = trial_new(ops->algorithm, true);

	CHECK(dup2(fileno(said), STDOUT_FILENO) >= 0 && dup2(fileno(said), STDERR_FILENO) >= 0);
	CHECK(trial && trial_add(trial, ops) == 0);
	tests_run(trial, SEED, NULL);
	exit(trial_free(trial) ? EXIT_FAILURE : EXIT_SUCCESS);
}

// Whether the tests pass `ops`; then `line` is the first thing they said. A process of its own: a fault may end it.
static bool passes(const struct dp_cipher_ops *ops, char line[LINE_BYTES])
{
	FILE *said = tmpfile();
	int status;
	pid_t child;

	CHECK(said);
	child = fork();
	CHECK(child >= 0);
	if (child == 0)
		try_in_child(ops, said);
	CHECK(waitpid(child, &status, 0) == child);
	rewind(said);
	if (!fgets(line, LINE_BYTES, said))
		strcpy(line, "nothing\n");
	fclose(said);
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static unsigned try_faults(const struct dp_cipher_ops *ops)
{
	char said[LINE_BYTES];
	unsigned wrong = 0;

	if (!passes(ops, said)) {
		printf("the good one does not pass: %s", said);
		return 1;
	}
	for (unsigned i = 0; i < faults_count; i++) {
		bool passed = passes(faults_put(i, ops), said);

		printf("%s %s: %s", passed ? "went through" : "found", faults_name(i), said);
		wrong += passed;
	}
	return wrong;
}

// The packets of a block that come out wrong.
static unsigned compare(const struct dp_cipher_ops *ops)
{
	struct block *block = block_new();
	struct witness witness;
	struct kernel kernel;
	unsigned wrong;

	CHECK(block && witness_open(&witness, ops->algorithm) && kernel_open(&kernel, ops, BLOCK_KEYS) == 0);
	block_draw(block, &witness, ops->algorithm, SEED);
	wrong = block_compare(block, &kernel, BLOCK_PACKETS);
	CHECK(kernel_close(&kernel));
	witness_close(&witness);
	block_free(block);
	return wrong;
}

static unsigned try_comparison(const struct dp_cipher_ops *ops)
{
	if (compare(ops) == 0) {
		printf("found by the comparison: ");
		if (compare(faults_put(0, ops)) > 0)
			return 0;
	}
	printf("the comparison went wrong: %s %s %s\n", dp_algorithm[ops->algorithm].name, ops->name, ops->isa);
	return 1;
}

int main(void)
{
	unsigned wrong = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned a = 0; a < DP_ALGORITHMS; a++)
		wrong += try_faults(best((enum dp_algorithm)a)) + try_comparison(best((enum dp_algorithm)a));
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
