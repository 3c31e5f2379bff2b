// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a process whose CHECK() failed.
#include <base_check.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// dprintf takes no stdio stream lock: the failing thread may be inside one.
_Noreturn void base_check_failed(const char *file, int line, const char *expression)
{
	dprintf(STDERR_FILENO, "%s:%d: check failed: %s\n", file, line, expression);
	abort();
}
