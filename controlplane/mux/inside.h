// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of the MUX, for the files of this folder.
//
// A session is one connection, which carries one channel; a client is a client_id of the configuration, which has one
// session at most; a stream is a (client_id, data_id) of the configuration, open or not.
//
// Threads: the loop's. Owns: everything; cp_mux is freed when its last handle and session are gone.
#pragma once

#include <stdbool.h>

#include <base_log.h>
#include <ts_packet.h>

#include "mux/mux.h"
#include "wire/wire.h"

// A message's sections fill each packet but the last to 181 bytes at least.
#define MUX_PACK_BYTES SIM_MESSAGE_MAX
#define MUX_PACK_PKTS  (MUX_PACK_BYTES / 181 + 1)

enum mux_session_state { MUX_NEW, MUX_OPEN, MUX_SESSION_STATES };

struct mux_session {
	struct cp_mux *mux;
	struct mux_session *next;
	struct cp_wire *wire;
	struct cp_wire_counts counts;
	enum mux_session_state state;
	struct mux_client *client; // from channel_setup on
	uint16_t channel_id;
	uint8_t version;
	bool packets;     // section_TSpkt_flag
	unsigned refused; // messages in a row
	unsigned errors;  // said and heard
	uint64_t heard_ms;
	uint64_t tested_ms; // 0: no channel_test is out
};

struct mux_client {
	uint32_t client_id;
	struct mux_session *session;  // that has its channel, or NULL
	struct cp_wire_counts counts; // of sessions that are over, and of UDP
	char last_error[80];
};

struct mux_stream {
	struct cp_mux_stream_conf conf;
	struct mux_client *client;
	bool open; // in the client's session
	uint16_t stream_id;
	uint8_t data_type;
	uint16_t allocated_kbps;
	int64_t credit_bits; // what may be sent now; a datagram may draw it below 0
	uint64_t credited_ms;
	uint64_t told_ms; // last exceeded bandwidth
	uint8_t cc;
	uint64_t datagrams, packets, dropped;
};

struct cp_mux {
	uv_loop_t *loop;
	cp_mux_emm *emm;
	void *context;
	struct cp_wire_listener *listener; // NULL: closing
	uv_udp_t udp;
	uv_timer_t tick;
	unsigned handles; // that have not closed
	uint64_t strays;  // datagrams over UDP for no open stream
	struct mux_session *sessions;
	struct mux_client clients[CP_MUX_STREAMS_MAX];
	size_t clients_n;
	struct mux_stream streams[CP_MUX_STREAMS_MAX];
	size_t streams_n;
	uint8_t received[SIM_MESSAGE_MAX]; // a datagram over UDP
	uint8_t sections[MUX_PACK_BYTES];
	uint8_t packed[MUX_PACK_PKTS][TS_PACKET_BYTES];
};

// The time of the loop, never 0.
uint64_t mux_now_ms(const struct cp_mux *mux);
struct mux_client *mux_client_find(struct cp_mux *mux, uint32_t client_id);

// What a connection's wire tells.
extern const struct cp_wire_ops mux_session_ops;
// GIVES a session on the list, NULL without memory.
struct mux_session *mux_session_new(struct cp_mux *mux, struct cp_wire *wire);
// Looks after the silent ones.
void mux_session_tick(struct mux_session *session);
// At which level its next error, said or heard, is logged: a hostile peer does not write our log.
enum base_log_level mux_session_error_level(struct mux_session *session);
// Asks whether the peer is still there.
void mux_session_test(struct mux_session *session);
// The last session is over, or the last handle: frees what is closing.
void mux_free_when_done(struct cp_mux *mux);

// Lists the streams of the configuration, none of them open, and their clients, without sessions.
void mux_list(struct cp_mux *mux, const struct cp_mux_stream_conf *streams, size_t streams_n);

// Tells the EMMG what the stream is allocated.
void mux_tell_allocation(struct mux_session *session, const struct mux_stream *stream);

// Answers a good message by the table of the dialogue. 0, or -EBADMSG with the error to answer.
int mux_dialogue(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error);
void mux_stream_error(struct mux_session *session, const struct mux_stream *stream, const struct sim_error *error);

void mux_stream_open(struct mux_stream *stream, uint16_t stream_id, uint8_t data_type, uint64_t now_ms);
void mux_stream_close(struct mux_stream *stream);
// Grants what is asked as far as there is.
void mux_stream_allocate(struct mux_stream *stream, uint32_t asked_kbps);
// Takes the datagrams of a data_provision. 0, or -EBADMSG with the error to answer: what was good is on its way.
int mux_stream_data(struct cp_mux *mux, struct mux_stream *stream, const struct sim_msg *msg, struct sim_error *error);

// Packs whole sections that lie one behind the other (`n` bytes, at most MUX_PACK_BYTES) into packets; a packet takes
// over what the last one left of a section and the beginnings of the next ones. Returns the number of packets.
unsigned mux_pack(uint8_t (*packets)[TS_PACKET_BYTES], const uint8_t *sections, size_t n, uint8_t *cc);

int mux_udp_open(struct cp_mux *mux, const char *address, uint16_t port);
