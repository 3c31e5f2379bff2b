// SPDX-License-Identifier: GPL-3.0-or-later
// The log: one event per line on standard error, `what key=value ...` with units in the keys.
//
// With JOURNAL_STREAM in the environment and naming standard error (systemd.exec(5)), a line is the <N> priority that
// journald reads, the module and the text; otherwise it starts with time (UTC), level and program:
//
//	2026-11-22T10:00:00.123Z info bulkhead-dataplane rx: what key=value
//
// Levels are per module and may change at run time.
//
// Threads: any; a line is one write(2). Never called from dataplane/{stage,cipher,keyslot,period}.
// Owns: the level table, the one process-wide mutable state of the house, atomic.
#pragma once

#include <stdbool.h>

enum base_log_level { BASE_LOG_ERROR, BASE_LOG_WARNING, BASE_LOG_INFO, BASE_LOG_DEBUG };

// Names the program in every line and sets all modules to info. `program` is BORROWED for the process's life.
void base_log_init(const char *program);

// Sets levels from text: "debug" for all modules, or "rx=debug,psi=warning" for these, or both: "warning,rx=debug".
// A level without a module also ends the exceptions made so far; modules not named keep theirs. Levels are error,
// warning, info and debug.
// Returns 0, or -EINVAL for an unknown level or more than 32 module names; then nothing is changed.
int base_log_set_levels(const char *text);

// True when a line of this level and module would be written.
bool base_log_enabled(enum base_log_level level, const char *module);

// Writes one line; a new line, carriage return or other control byte in it is written as '?'.
// `module` is a word such as "rx". Text past 1,000 bytes is cut. errno is kept; a line that cannot be written is lost.
void base_log(enum base_log_level level, const char *module, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
