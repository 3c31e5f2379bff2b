// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of bulkhead: what is asked for, and of which bulkhead-api.
//
// Threads: main. Owns: nothing; strings are BORROWED from argv and the environment.
#pragma once

#include <stdbool.h>

enum cp_cli_command { CP_CLI_SHOW, CP_CLI_EMM_SEND, CP_CLI_CONFIG_SHOW, CP_CLI_CONFIG_RELOAD, CP_CLI_MOVE };

struct cp_cli_options {
	const char *api; // path of a local socket, or http://...
	enum cp_cli_command command;
	const char *what;   // to show
	const char *name;   // of the service, or NULL
	const char *file;   // of EMM sections
	const char *cas;    // or NULL: the only one
	const char *input;  // to move
	const char *worker; // as text, until it is read
	unsigned worker_number;
	bool check;
	bool json;
};

// Returns 0 to go on, 1 when everything asked for was printed (--help, --version), -EINVAL after saying what is wrong.
int cp_cli_options_parse(struct cp_cli_options *options, int argc, char **argv);
