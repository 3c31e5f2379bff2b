// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP on a local socket and on a loopback address: one thread a connection, so that one who is slow holds up nobody.
//
// Threads: main opens and closes; routes are answered by the server's own. Owns: its sockets.
// Errors: -errno of listening, after saying what is wrong in `errs`.
#pragma once

#include <base_err.h>

#include "http/route.h"

struct cp_server;

// Serves on the local socket `path`, mode 0660. `api` is BORROWED.
int cp_server_open_local(struct cp_server **out, const struct cp_api *api, const char *path, struct base_errs *errs);

// Serves for reading on `listen`, "ADDRESS:PORT"; refuses what is no loopback address.
int cp_server_open_loopback(struct cp_server **out, const struct cp_api *api, const char *listen,
			    struct base_errs *errs);

// Lets answers that are under way end. NULL is left alone.
void cp_server_close(struct cp_server *server);
