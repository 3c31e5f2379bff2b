// SPDX-License-Identifier: GPL-3.0-or-later
// The EMMG: a client of the MUX that sends EMM sections within the bandwidth it was allocated, each once.
//
//   DOWN -> CONNECTING -> CHANNEL -> STREAM -> BANDWIDTH -> OPEN -> CLOSING
//
// After a loss it comes back within 200 ms to 10 s; what was not sent stays queued. A MUX that refuses
// protocol_version 3 is asked with 2.
//
// Refs: ETSI TS 103 197 clause 6. Threads: the loop's. Owns: the connection and the queue.
// Errors: -errno.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "ecmg/conf.h"
#include "emmg/pace.h"
#include "emmg/queue.h"
#include "wire/wire.h"

enum cas_emmg_state {
	CAS_EMMG_DOWN,
	CAS_EMMG_CONNECTING,
	CAS_EMMG_CHANNEL,   // channel_setup was sent
	CAS_EMMG_STREAM,    // stream_setup was sent
	CAS_EMMG_BANDWIDTH, // stream_BW_request was sent
	CAS_EMMG_OPEN,
	CAS_EMMG_CLOSING, // stream_close_request was sent
	CAS_EMMG_STATES
};

struct cas_emmg {
	uv_loop_t *loop;
	const struct cas_conf_emmg *conf; // BORROWED
	enum cas_emmg_state state;
	struct cp_wire *wire; // NULL: none
	struct cp_wire_counts counts;
	uv_timer_t step, send;
	bool stopping, tested;
	bool noted; // it was told why this connection ends
	uint8_t version, cc;
	unsigned back_off_ms, refused;
	uint64_t asked_ms, heard_ms, retry_ms; // of the loop's clock
	uint32_t allocated_kbps;
	struct cas_pace pace;
	struct cas_queue queue;
	uint64_t sections; // sent
	double lost_since; // UTC seconds; 0: the stream is open
	unsigned losses;
	char last_error[128];
};

// Begins to connect. `conf` BORROWED for its life.
void cas_emmg_open(struct cas_emmg *emmg, uv_loop_t *loop, const struct cas_conf_emmg *conf);
// Closes stream and channel as the standard says, within a second. The loop runs on until all is closed, then
// cas_emmg_fini.
void cas_emmg_close(struct cas_emmg *emmg);
void cas_emmg_fini(struct cas_emmg *emmg);

// Queues `count` checked sections. 0, -ENOSPC, -ENOMEM.
int cas_emmg_queue(struct cas_emmg *emmg, const uint8_t *bytes, size_t n, size_t count);

// For the dialogue: the next state, which waits for an answer; the bandwidth; the end of a connection, with
// `why` NULL when cas_emmg_error has told it; the protocol_version to try next.
void cas_emmg_enter(struct cas_emmg *emmg, enum cas_emmg_state state);
void cas_emmg_allocated(struct cas_emmg *emmg, uint32_t kbps);
void cas_emmg_drop(struct cas_emmg *emmg, const char *why);
void cas_emmg_other_version(struct cas_emmg *emmg);
// Notes what went wrong, for the operator.
void cas_emmg_error(struct cas_emmg *emmg, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *cas_emmg_state_name(enum cas_emmg_state state);
