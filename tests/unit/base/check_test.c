// SPDX-License-Identifier: GPL-3.0-or-later
// CHECK aborts and says where; DCHECK does so in the builds that ask for it. Built once with BASE_DCHECK, once without.
#include <string.h>

#include <base_check.h>

#include <unit.h>

#include "child.h"

static int fail_check(void *argument)
{
	CHECK(argument == &argument);
	return 0;
}

static int fail_dcheck(void *argument)
{
	DCHECK(argument == &argument);
	return 7;
}

static void failed_check_aborts_and_says_where(void)
{
	char said[400];
	int status = child_run(fail_check, NULL, said, sizeof(said));

	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "check_test.c:13: check failed: argument == &argument\n"));
}

static void dcheck_follows_the_build(void)
{
	char said[400];
	int status = child_run(fail_dcheck, NULL, said, sizeof(said));

#if defined(BASE_DCHECK)
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "check failed: argument == &argument\n"));
#else
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	CU_ASSERT_STRING_EQUAL(said, "");
#endif
}

static void operand_runs_once_or_never(void)
{
	int runs = 0;

	CHECK(++runs == 1);
	CU_ASSERT_EQUAL(runs, 1);
	DCHECK(++runs == 2);
#if defined(BASE_DCHECK)
	CU_ASSERT_EQUAL(runs, 2);
#else
	CU_ASSERT_EQUAL(runs, 1);
#endif
}

static const struct unit_test tests[] = {
	{"a failed CHECK aborts and says where", failed_check_aborts_and_says_where},
	{"DCHECK follows the build", dcheck_follows_the_build},
	{"the operand runs once or never", operand_runs_once_or_never},
};

UNIT_MAIN("base_check", tests)
