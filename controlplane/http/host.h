// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of this machine alone: what bulkhead-api may listen at, and by which names a browser may ask for it.
//
// A page of another site whose name was turned to 127.0.0.1 (DNS rebinding) sends that site's name as Host: refused.
//
// Refs: RFC 9110 clause 7.2 (Host), RFC 6761 clause 6.3 (localhost).
// Threads: any; pure functions.
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

// Reads "127.0.0.1:9190" or "[::1]:9190". Returns the size of the address, -EINVAL for another form or port, or
// -EACCES for an address that is no loopback address.
int cp_host_listen(struct sockaddr_storage *out, const char *text);

// True for a Host header that names loopback: localhost, 127.x.x.x or [::1], with or without a port.
bool cp_host_is_loopback(const char *host);
