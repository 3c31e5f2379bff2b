// SPDX-License-Identifier: GPL-3.0-or-later
// Assertions: CHECK() for what cannot be, DCHECK() for the same inside the per-packet loop.
//
// Threads: any.
// Errors: a failed check names file, line and expression on standard error and aborts. Never for input from outside.
#pragma once

// Reports a failed CHECK and aborts; not called directly.
_Noreturn void base_check_failed(const char *file, int line, const char *expression);

// Stays on in release builds.
#define CHECK(expression) ((expression) ? (void)0 : base_check_failed(__FILE__, __LINE__, #expression))

// Only in builds with -DBASE_DCHECK=1 (the sanitizer builds); the operand is compiled in every build.
#if defined(BASE_DCHECK)
#define DCHECK(expression) CHECK(expression)
#else
#define DCHECK(expression) ((void)sizeof(!(expression)))
#endif
