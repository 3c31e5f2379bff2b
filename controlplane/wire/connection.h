// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of a connection, for the files of this folder.
//
// Threads: the loop's. Owns: handles and buffers; freed when its last handle has closed.
#pragma once

#include <sys/socket.h>

#include "wire/wire.h"

enum wire_state {
	WIRE_CONNECTING,
	WIRE_OPEN,
	WIRE_CLOSING, // what waits is written, then the peer's end is awaited: closing over unread bytes would
		      // reset the connection and lose the last message
	WIRE_CLOSED,  // the handles are closing
};

struct cp_wire {
	uv_tcp_t tcp;
	uv_timer_t limit; // of what its state waits for
	uv_connect_t connect;
	uv_shutdown_t shutdown;
	unsigned handles; // that have not closed yet
	enum wire_state state;
	bool ended;   // the peer sends no more
	bool flushed; // everything was written
	enum sim_interface interface;
	const struct cp_wire_ops *ops; // BORROWED; NULL: nobody is told
	void *owner;
	struct cp_wire_counts *counts;     // BORROWED
	struct cp_wire_listener *listener; // that counts it, or NULL
	size_t waiting_bytes;              // of memory
	char peer[64];
	char why[96];
	size_t have; // bytes in `in`
	uint8_t in[SIM_MESSAGE_MAX];
};

// "[2001:db8::1]:2222" or "192.0.2.1:2222".
void wire_address_text(char *out, size_t capacity, const struct sockaddr_storage *address);
// 0 or -EINVAL.
int wire_address_parse(struct sockaddr_storage *out, const char *address, uint16_t port);

// GIVES a connection with its handles, NULL without memory.
struct cp_wire *wire_new(uv_loop_t *loop, enum sim_interface interface);
// The connection stands: sets the socket's options and reads.
void wire_opened(struct cp_wire *wire);
// Closes the handles now; what waits is lost. `why` holds when none was given before.
void wire_drop(struct cp_wire *wire, const char *why);
// Starts the time limit of what is awaited now.
void wire_limit(struct cp_wire *wire, uint64_t ms);

int wire_read_start(struct cp_wire *wire);

// A connection of this listener is over.
void wire_listener_left(struct cp_wire_listener *listener);
