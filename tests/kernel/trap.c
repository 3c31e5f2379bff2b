// SPDX-License-Identifier: GPL-3.0-or-later
#include "trap.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

#include <base_check.h>

// A handler takes no argument of ours, so these cannot be passed down.
static sigjmp_buf back;
static volatile sig_atomic_t inside;
static volatile uintptr_t touched;

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (!inside) {
		signal(number, SIG_DFL);
		raise(number);
		return;
	}
	touched = (uintptr_t)info->si_addr;
	siglongjmp(back, number);
}

void trap_open(void)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL};
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		CHECK(sigaction(numbers[i], &action, NULL) == 0);
}

int trap_run(void (*run)(void *with), void *with, uintptr_t *where)
{
	int number = sigsetjmp(back, 1);

	if (number == 0) {
		inside = 1;
		run(with);
	}
	inside = 0;
	*where = number ? touched : 0;
	return number;
}
