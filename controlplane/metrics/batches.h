// SPDX-License-Identifier: GPL-3.0-or-later
// The batches of a worker's ciphers as histograms.
//
// Refs: OpenMetrics 1.0 (histogram); docs/dataplane-stats.md (batches_of).
// Threads: any; pure. Owns: nothing; everything is BORROWED.
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "metrics/families.h"

// One histogram for each algorithm of `batches`, labelled with its name. What is no histogram is left out.
void cp_write_batches(FILE *out, const struct cp_family_row *row, const char *labels, const json_t *batches);
