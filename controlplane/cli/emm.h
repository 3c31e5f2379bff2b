// SPDX-License-Identifier: GPL-3.0-or-later
// Sends the EMM sections of a file by way of a CAS.
//
// Threads: main. Owns: nothing.
#pragma once

// `file` "-" is standard input; `cas` NULL: the only one there is. Prints what was taken.
// Returns 0, or -errno after saying what is wrong.
int cp_cli_emm_send(const char *api, const char *file, const char *cas);
