// SPDX-License-Identifier: GPL-3.0-or-later
// What the processes count, as OpenMetrics text (docs/metrics.md).
//
// Refs: OpenMetrics 1.0 (text format).
// Threads: any; pure. Owns: nothing; the text is GIVEN.
#pragma once

#include <stddef.h>

#include "http/process.h"

#define CP_METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

// NULL when out of memory.
char *cp_metrics_text(const struct cp_snapshot *snapshots, unsigned n, size_t *bytes);
