// SPDX-License-Identifier: GPL-3.0-or-later
// The main of a unit test program: a table of named tests, run by CUnit.
//
// CU_basic_run_tests() returns 0 with failed asserts, so the exit status comes from CU_get_number_of_failures().
#pragma once

#include <CUnit/Basic.h>

struct unit_test {
	const char *name;
	void (*run)(void);
};

#define UNIT_MAIN(suite, tests)                                                    \
	int main(void)                                                             \
	{                                                                          \
		return unit_run(suite, tests, sizeof(tests) / sizeof((tests)[0])); \
	}

// Runs the table; returns the exit status: 0 only when tests ran and none failed.
static inline int unit_run(const char *suite, const struct unit_test *tests, size_t n)
{
	unsigned failed, ran;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	CU_pSuite s = CU_add_suite(suite, NULL, NULL);

	for (size_t i = 0; s && i < n; i++)
		if (!CU_add_test(s, tests[i].name, tests[i].run))
			return 2;
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failed = CU_get_number_of_failures();
	ran = CU_get_number_of_tests_run();
	CU_cleanup_registry();
	return failed == 0 && ran == n && n > 0 ? 0 : 1;
}
