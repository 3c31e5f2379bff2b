// SPDX-License-Identifier: GPL-3.0-or-later
// What changes the head-end: the document read anew, an input moved to another worker.
//
// Threads: main. Owns: nothing.
// Errors: -EIO after saying what is wrong.
#pragma once

#include <stdbool.h>

// Prints the document that holds, so that it can be read in again; with `json` what is known of it beside.
int cp_cli_config_show(const char *api, bool json);
// Has bulkhead-control read its document anew, or only check it, and prints what differs.
int cp_cli_config_reload(const char *api, bool check, bool json);
int cp_cli_move(const char *api, const char *input, unsigned worker, bool json);
