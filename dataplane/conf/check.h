// SPDX-License-Identifier: GPL-3.0-or-later
// Between the parts of the check of a configuration.
//
// Threads: main. Owns: nothing. Errors: in the list, by JSON pointer.
#pragma once

#include <stdio.h>

#include "conf/conf.h"

// Adds a mistake at a member ("/name", or "") of an element of a list.
#define MISTAKE(errs, list, index, member, ...)                                  \
	do {                                                                     \
		char where[64];                                                  \
		snprintf(where, sizeof(where), "/%s/%u%s", list, index, member); \
		base_errs_add(errs, where, __VA_ARGS__);                         \
	} while (0)

// Names are unique within their list of `n` that stand `stride` bytes apart; empty ones were reported before.
void dp_conf_check_names(const char *list, const char *names, size_t stride, unsigned n, struct base_errs *errs);

// The PIDs of ECMs and EMMs: no two of different kinds on one output.
void dp_conf_check_ca(const struct dp_conf *conf, struct base_errs *errs);
