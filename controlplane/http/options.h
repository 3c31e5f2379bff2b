// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of bulkhead-api.
//
// Threads: main. Owns: nothing; strings are BORROWED from argv.
#pragma once

#define CP_API_CAS_MAX 16

struct cp_api_options {
	const char *control;             // operator socket of bulkhead-control
	const char *cas[CP_API_CAS_MAX]; // those of every bulkhead-cas
	unsigned cas_n;
	const char *socket;     // where HTTP is served locally
	const char *listen;     // ADDRESS:PORT on loopback, or NULL
	const char *log_levels; // or NULL
};

// Returns 0 to go on, 1 when everything asked for was printed (--help, --version), -EINVAL after saying what is wrong.
int cp_api_options_parse(struct cp_api_options *options, int argc, char **argv);
