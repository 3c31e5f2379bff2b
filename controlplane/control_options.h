// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of bulkhead-control.
//
// Threads: main. Owns: nothing; strings are BORROWED from argv.
#pragma once

#include <stdbool.h>

struct cp_control_options {
	const char *config;
	const char *log_levels; // or NULL
	const char *kill_at;    // test program only, or NULL
	bool check;             // validate, say so, end
};

// Returns 0 to go on, 1 when everything asked for was printed (--help, --version), -EINVAL after saying what is wrong.
int cp_control_options_parse(struct cp_control_options *options, int argc, char **argv);
