// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of bulkhead-dataplane.
//
// Threads: main. Owns: nothing; strings are BORROWED from argv.
#pragma once

#include <stdbool.h>

struct dp_options {
	const char *config;     // or NULL with `ciphers`
	const char *stats;      // file for the statistics, or NULL
	const char *log_levels; // or NULL
	const char *faults;     // test program only, or NULL
	unsigned until_idle_ms; // end when no packet came for so long; 0: run until told
	bool check;             // validate, say so, end
	bool ciphers;           // tell which implementations there are and which is chosen, end
	bool json;              // tell it as JSON
};

// Returns 0 to go on, 1 when everything asked for was printed (--help, --version), -EINVAL after saying what is wrong.
int dp_options_parse(struct dp_options *options, int argc, char **argv);
