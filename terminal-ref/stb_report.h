// SPDX-License-Identifier: GPL-3.0-or-later
// What the receiver saw and opened: as JSON for programs, as a table for people.
//
// Threads: main. Owns: nothing. Errors: -ENOMEM, -errno of the file.
#pragma once

#include <stdio.h>

#include <jansson.h>

#include <base_err.h>
#include <stb_input.h>
#include <stb_receiver.h>

struct stb_report {
	const struct stb_receiver *receiver; // BORROWED, as all here
	const struct stb_input *input;
	const struct base_errs *reasons; // why not everything opened
	bool opened;                     // everything that was asked for
};

// Names of a result in the report: "opened", "waiting", "lost", ...
extern const char *const stb_result_name[STB_RESULTS];

// Writes the JSON document to a file, or to standard output for "-".
int stb_report_json(const struct stb_report *report, const char *where);

// The parts on conditional access (report_ca.c); GIVES them, NULL without memory.
json_t *stb_report_ecm(const struct stb_programme *programme);
json_t *stb_report_emm(const struct stb_receiver *receiver);

void stb_report_table(const struct stb_report *report, FILE *out);

// One line on how it goes, over the one before on a terminal.
void stb_report_progress(const struct stb_receiver *receiver, FILE *out);
