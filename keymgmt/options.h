// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of bulkhead-vault.
//
// Threads: main. Owns: nothing; strings are BORROWED from argv.
#pragma once

#include <stdbool.h>

#include "store/laboratory.h"

struct km_options {
	const char *keys;
	const char *socket;
	const char *log_levels; // or NULL
	bool check;             // validate the key file, say so, end
	const char *make_lab;   // directory, or NULL; then the next member counts and none of the above
	struct km_laboratory laboratory;
};

// Returns 0 to go on, 1 when everything asked for was printed (--help, --version), -EINVAL after saying what is wrong.
int km_options_parse(struct km_options *options, int argc, char **argv);
