// SPDX-License-Identifier: GPL-3.0-or-later
// A SimulCrypt connection over TCP on a libuv loop: framing, protocol_version, queued writes; for the SCS and the
// EMMG, which connect, and for the ECMG and the MUX, which are connected to.
//
// Messages are framed by message_length alone. One that its table refuses is told to the owner, who answers as the
// standard says; bytes that cannot be framed do not exist here, every length frames something. Read buffers and
// written messages are scrubbed once they have been used, because CW_provision passes here.
//
// A message must be whole 10 s after its first byte, a connection must stand after 5 s, and no peer may leave more than
// CP_WIRE_WAITING_MAX unread.
//
// Threads: the loop's; the process ignores SIGPIPE. Owns: sockets and buffers.
// Errors: -errno; `on_closed` comes exactly once, also after cp_wire_close and after a connect that failed, and never
//         from inside a call of this header.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include "simulcrypt/sim.h"

struct cp_wire;

struct cp_wire_counts {
	uint64_t received[SIM_TYPES], sent[SIM_TYPES]; // PDUs by sim_type_index
	uint64_t received_other;                       // PDUs of a message_type that is none
	uint64_t malformed;                            // PDUs that their table refused, counted above as well
};

// What the owner of a connection does.
struct cp_wire_ops {
	void (*on_open)(void *owner, struct cp_wire *wire); // connected; not called for an accepted one
	void (*on_message)(void *owner, struct cp_wire *wire, const struct sim_msg *msg); // BORROWED for the call
	// A message that its table refuses: `msg` has what could be read (n is 0 when nothing could).
	void (*on_refused)(void *owner, struct cp_wire *wire, const struct sim_msg *msg, const struct sim_error *error);
	// The connection is over; `why` is a few words for a person. The wire is freed after the call.
	void (*on_closed)(void *owner, struct cp_wire *wire, const char *why);
};

// Bytes of memory that may wait to be written; a peer that leaves more is closed.
#define CP_WIRE_WAITING_MAX (4u << 20)

// Begins to connect to a host (dotted IPv4 or IPv6 address) and port. GIVES the wire, NULL without memory or for an
// address that is none. `owner` and `ops` BORROWED for the wire's life; `counts` BORROWED, may outlive it.
struct cp_wire *cp_wire_connect(uv_loop_t *loop, const char *address, uint16_t port, enum sim_interface interface,
				const struct cp_wire_ops *ops, void *owner, struct cp_wire_counts *counts);

// {"CW_provision": 14}: the counts that are not 0, by name. GIVES an object, NULL without memory.
json_t *cp_wire_counts_show(const uint64_t counts[SIM_TYPES]);
// One line for the log when a dialogue has ended: `pdus peer="lab" sent="CW_provision=14" ...`.
void cp_wire_counts_log(const struct cp_wire_counts *counts, const char *module, const char *peer);

// A listening socket: calls `accepted` for each connection, which answers with the owner and ops of the new wire, or
// with ops NULL to refuse it (nothing of that wire is told any more); cp_wire_send has to wait until after the call. At
// CP_WIRE_CONNECTIONS_MAX a further one is closed at once.
#define CP_WIRE_CONNECTIONS_MAX 128
struct cp_wire_listener;
typedef const struct cp_wire_ops *cp_wire_accepted(void *context, struct cp_wire *wire, void **owner,
						   struct cp_wire_counts **counts);
int cp_wire_listen(struct cp_wire_listener **out, uv_loop_t *loop, const char *address, uint16_t port,
		   enum sim_interface interface, cp_wire_accepted *accepted, void *context);
// The TCP port it listens on, for tcp_port 0.
uint16_t cp_wire_listener_port(const struct cp_wire_listener *listener);
// Accepts no more; connections that are open stay.
void cp_wire_listener_close(struct cp_wire_listener *listener);

// Sends what a writer made (BORROWED; copied into memory that is scrubbed after the write). 0, -ENOBUFS when more than
// CP_WIRE_WAITING_MAX waits (the wire is closing then), -ENOTCONN.
int cp_wire_send(struct cp_wire *wire, const uint8_t *bytes, size_t n);

// Closes after what waits has been written, at the latest after a second. `why` is a string constant. What the peer
// sends until then is counted and not told.
void cp_wire_close(struct cp_wire *wire, const char *why);

// "192.0.2.1:2222" of the peer, BORROWED from the wire.
const char *cp_wire_peer(const struct cp_wire *wire);
