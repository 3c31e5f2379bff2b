// SPDX-License-Identifier: GPL-3.0-or-later
// The MUX side of EMMG/PDG<=>MUX: a TCP server that EMMGs and PDGs connect to, and the packets of their streams.
//
// A stream is named by (client_id, data_id) in the configuration; nobody else gets in. What it sends becomes packets:
// sections are cut into packets, packets are checked and passed. PID and continuity_counter are the receiver's to
// write. A stream has the bandwidth that was asked for, at most that of the configuration; what comes over it is
// dropped and told with stream_error. Data over UDP is taken on the same port, for streams that TCP opened.
//
// Refs: ETSI TS 103 197 clause 6.
// Threads: the loop's. Owns: its sockets and connections.
// Errors: -errno; what a peer did wrong is told to it as the error_status of the standard.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include <ts_packet.h>

struct cp_mux;

#define CP_MUX_STREAMS_MAX 32

struct cp_mux_stream_conf {
	const char *name; // BORROWED until others are given
	uint32_t client_id;
	uint16_t data_id;
	uint16_t bandwidth_kbps; // at least 1; the most that is granted
};

struct cp_mux_conf {
	const char *address;                      // IPv4 or IPv6 address, BORROWED for the call
	uint16_t tcp_port;                        // and UDP port; 0 for any
	const struct cp_mux_stream_conf *streams; // BORROWED for the call
	size_t streams_n;                         // at most CP_MUX_STREAMS_MAX
};

// Takes `n` (at least 1) packets of the stream with this place in the configuration, BORROWED for the call. Their PID
// is 0x1FFF and their continuity_counter runs; both are meant to be overwritten.
typedef void cp_mux_emm(void *context, unsigned stream, const uint8_t (*packets)[TS_PACKET_BYTES], unsigned n);

// Listens. GIVES the MUX in *out; -EADDRINUSE and other -errno of bind.
int cp_mux_open(struct cp_mux **out, uv_loop_t *loop, const struct cp_mux_conf *conf, cp_mux_emm *emm, void *context);

// Other streams, BORROWED for the call, in place of those before. One with the same client_id and data_id goes on, and
// is told when another bandwidth is allocated to it; the channel of a client that is no longer there is closed.
void cp_mux_change(struct cp_mux *mux, const struct cp_mux_stream_conf *streams, size_t streams_n);

// Closes all connections; TAKES the MUX, which is gone when the loop has nothing of it left, at the latest after a
// second. The callback is not called any more.
void cp_mux_close(struct cp_mux *mux);

// The port it listens on.
uint16_t cp_mux_port(const struct cp_mux *mux);

// One object of "emmg" in docs/operator-api.md for the stream with this place in the configuration, without what only
// the line-up knows (pid, outputs, waiting). GIVES an object, NULL without memory.
json_t *cp_mux_status(const struct cp_mux *mux, unsigned stream);
