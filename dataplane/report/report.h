// SPDX-License-Identifier: GPL-3.0-or-later
// The statistics of the whole dataplane as one JSON document: for a file, and for the controller.
//
// Refs: docs/dataplane-stats.md.
// Threads: main; dp_report_put any. Owns: nothing. Errors: -errno of writing.
#pragma once

struct dp_plant;

// Writes the document to `path` by way of a temporary file beside it, so that a reader never sees half of one.
// Holds counters, names, PIDs and why each PID is scrambled or clear; never a key.
int dp_report_write(const char *path, struct dp_plant *plant);

// The document as the file has it, GIVEN (free it); NULL for want of memory.
char *dp_report_page(struct dp_plant *plant);

// Writes such a text to `path`.
int dp_report_put(const char *path, const char *text);

// The same as text without blanks, GIVEN (free it); NULL for want of memory.
char *dp_report_text(struct dp_plant *plant);
