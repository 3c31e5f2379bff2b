// SPDX-License-Identifier: GPL-3.0-or-later
// The statistics of the whole dataplane as one JSON document, for a file until the control socket carries them.
//
// Threads: main. Owns: nothing. Errors: -errno of writing.
#pragma once

struct dp_plant;

// Writes the document to `path` by way of a temporary file beside it, so that a reader never sees half of one.
// Holds counters, names, PIDs and why each PID is scrambled or clear; never a key.
int dp_report_write(const char *path, const struct dp_plant *plant);
