// SPDX-License-Identifier: GPL-3.0-or-later
// A .ts file as a port: transport packets in, in datagrams of seven, and out.
//
// Threads: one worker reads and writes; open and close by main. Owns: both files.
// Errors: -errno with the reason in the list; a read error ends the input, a write error is told by close.
#pragma once

#include <base_err.h>

#include "port/port.h"

// Opens the files of port->conf; the output is made anew. `where` is the port's JSON pointer.
int dp_file_open(struct dp_port *port, struct rte_mempool *pool, const char *where, struct base_errs *errs);
