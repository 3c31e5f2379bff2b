// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's HTTP: asks bulkhead-api on its local socket, or at an http:// address.
//
// Threads: main. Owns: nothing. Errors are told on standard error, with what to do.
#pragma once

#include <stddef.h>

#include <jansson.h>

// What GET `path` answers, GIVEN; NULL after saying what is wrong. `name`, when not NULL, is appended to the path in
// the form of a URL.
json_t *cp_cli_get(const char *api, const char *path, const char *name);

// What POST of `n` bytes to PREFIX NAME SUFFIX answers, likewise.
json_t *cp_cli_post(const char *api, const char *prefix, const char *name, const char *suffix, const void *bytes,
		    size_t n);
