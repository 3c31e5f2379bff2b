// SPDX-License-Identifier: GPL-3.0-or-later
// The vault's socket and its connections: every round each connection may have one message answered.
//
// A connection whose answer finds no room is not listened to until it has taken it; so a peer that does not read keeps
// itself waiting and nobody else, and an answer is never made twice. One that sends what is no message is closed.
//
// Refs: keymgmt/api/km_msg.h; base_local.h.
// Threads: one owner. Owns: the listener, the connections, a locked page for the message that comes in.
// Errors: -errno.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <base_secret.h>

#include "vault/exchange.h"

enum { KM_SERVER_CONNECTIONS_MAX = 16 };

struct km_connection {
	int fd;                    // -1: free
	pid_t pid;                 // of the peer, for the log
	size_t waiting_bytes;      // of an answer that found no room; 0: none
	union km_exchange_out out; // sealed sections; no secret
};

struct km_server {
	int listener;
	struct km_exchange *exchange; // BORROWED
	struct base_secret in;        // one message, for all connections in turn
	bool full;                    // a connection was turned away since one was free
	struct km_connection connection[KM_SERVER_CONNECTIONS_MAX];
};

// Listens at `path` for peers of this user. Returns 0 or -errno; then nothing is held.
int km_server_open(struct km_server *server, const char *path, struct km_exchange *exchange);

// Waits with the signals of `unblocked` let in, and does one round. Returns 0, -EINTR after a signal, or -errno when it
// cannot go on.
int km_server_round(struct km_server *server, const sigset_t *unblocked);

// Closes everything. The socket's file stays: the wall leaves no way to remove it, and the next start replaces it.
void km_server_close(struct km_server *server);
