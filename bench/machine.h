// SPDX-License-Identifier: GPL-3.0-or-later
// The machine and the build that figures come from.
//
// Threads: main. Errors: what cannot be found out is "unknown".
#pragma once

#include <jansson.h>

#include <base_clock.h>

// GIVES a flat object: date, commit, cpu, microcode, flags, cores, TSC rate, kernel, compiler.
json_t *bench_machine_json(const struct base_clock *clock);
