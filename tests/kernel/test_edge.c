// SPDX-License-Identifier: GPL-3.0-or-later
// What the edge refuses ends the process: no lane, too many, a payload too long, no key. And the known answers that the
// dataplane asks for at its start.
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base_check.h>

#include "tests.h"

enum { LANES = 9 };

// What is done to good lanes, and how many are run then.
static const struct refused {
	const char *what;
	unsigned n;
	unsigned bytes;
	bool without_key;
} refused[] = {
	{"no lane", 0, 8, false},
	{"513 lanes", DP_CIPHER_LANES_MAX + 1, 8, false},
	{"a payload of 185 bytes", LANES, 185, false},
	{"a payload of 255 bytes", LANES, 255, false},
	{"no key", LANES, 8, true},
};

static const void *some_key;

// In a process of its own, without a word or a core file. The arena is not in its memory (MADV_DONTFORK): a kernel that
// were reached would die of it in another way.
static _Noreturn void run_in_child(const struct kernel *kernel, enum direction direction, const struct refused *bad)
{
	static struct dp_lane lanes[DP_CIPHER_LANES_MAX + 1];
	static uint8_t bytes[2 * READ_BYTES_MAX];
	const struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	close(STDERR_FILENO);
	signal(SIGSEGV, SIG_DFL);
	for (unsigned i = 0; i <= DP_CIPHER_LANES_MAX; i++)
		lanes[i] = (struct dp_lane){.src = bytes, .dst = bytes, .key = some_key, .n = 8};
	// The last lane of the call: the edge must look at all of them.
	lanes[LANES - 1].n = (uint8_t)bad->bytes;
	if (bad->without_key)
		lanes[LANES - 1].key = NULL;
	kernel_run(kernel, direction, lanes, bad->n);
	_exit(0);
}

static void expect_abort(struct trial *trial, struct kernel *kernel, enum direction direction,
			 const struct refused *bad)
{
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0)
		run_in_child(kernel, direction, bad);
	CHECK(waitpid(child, &status, 0) == child);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
		trial_fail(trial, kernel, "%s with %s does not abort", direction_name[direction], bad->what);
}

void test_edge(struct trial *trial)
{
	for (unsigned i = 0; i < trial->count; i++) {
		struct kernel *kernel = &trial->kernel[i];

		some_key = kernel_key(kernel, 0);
		for (unsigned d = 0; d < DIRECTIONS; d++)
			for (size_t k = 0; k < sizeof(refused) / sizeof(refused[0]); k++)
				expect_abort(trial, kernel, (enum direction)d, &refused[k]);
	}
}

void test_known_answers(struct trial *trial)
{
	for (unsigned i = 0; i < trial->count; i++) {
		struct kernel *kernel = &trial->kernel[i];

		if (dp_cipher_selftest(kernel->ops, kernel->scratch, kernel->keys) != 0)
			trial_fail(trial, kernel, "does not pass the self-test of the dataplane's start");
	}
}
