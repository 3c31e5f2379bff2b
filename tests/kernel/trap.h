// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a function and survives what it must not do: a page it may not touch, an instruction this processor lacks.
//
// Threads: one; signal handlers are the process's.
#pragma once

#include <stdint.h>

// From now on SIGSEGV, SIGBUS and SIGILL come back through trap_run.
void trap_open(void);

// 0, or the signal that ended `run`; then `*where` is the address that it touched.
int trap_run(void (*run)(void *with), void *with, uintptr_t *where);
