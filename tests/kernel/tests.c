// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests.h"

static const struct {
	const char *name;
	void (*run)(struct trial *trial);
} tests[] = {
	{"known-answers", test_known_answers},
	{"lengths", test_lengths},
	{"batches", test_batches},
	{"keys", test_keys},
	{"alignments", test_alignments},
	{"guard-pages", test_guard_pages},
	{"chain", test_chain},
	{"traces", test_traces},
	{"edge", test_edge},
};

enum { TESTS = sizeof(tests) / sizeof(tests[0]) };

void tests_run(struct trial *trial, uint64_t seed, const char *only)
{
	for (unsigned i = 0; i < TESTS && trial->count; i++)
		if (!only || strcmp(only, tests[i].name) == 0)
			trial_run(trial, tests[i].name, tests[i].run, seed);
}

bool tests_know(const char *name)
{
	for (unsigned i = 0; i < TESTS; i++)
		if (strcmp(name, tests[i].name) == 0)
			return true;
	return false;
}
