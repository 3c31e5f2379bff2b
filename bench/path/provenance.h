// SPDX-License-Identifier: GPL-3.0-or-later
// Where figures come from: processor, kernel, libraries, commit.
//
// Threads: main. Errors: what cannot be found out is "unknown".
#pragma once

#include <jansson.h>

#include <base_clock.h>

#include "path/options.h"

// GIVEN: a flat object, strings and numbers.
json_t *bench_provenance_json(const struct bench_options *options, const struct base_clock *clock);
