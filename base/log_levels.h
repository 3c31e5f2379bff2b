// SPDX-License-Identifier: GPL-3.0-or-later
// The level table of the log: one level for all modules and up to 32 exceptions. Private to base.
//
// Threads: any. A reader sees each exception whole; during a change it may see old and new ones side by side.
// Errors: -EINVAL as in base_log_set_levels.
#pragma once

#include <base_log.h>

#define BASE_LOG_MODULES_MAX 32

// All modules at info.
void base_log_levels_reset(void);

// The work of base_log_set_levels.
int base_log_levels_set(const char *text);

// The level of a module.
enum base_log_level base_log_levels_get(const char *module);

// "error", "warning", "info" or "debug".
const char *base_log_level_word(enum base_log_level level);
