// SPDX-License-Identifier: GPL-3.0-or-later
// One input as it would arrive: an SPTS or a multiplex of some programmes, each with PMT, video with PCR and audio,
// and null packets, in datagrams of seven. Elementary streams are random bytes, some packets with stuffing, so that
// lengths differ. PSI comes every 100 ms and PCRs every 40 ms of real time, whatever the packet rate; continuity
// counters go on for ever.
//
// Every payload begins with a tag that says which packet it is, so that whoever opens it later can tell. All else in
// a packet follows from its tag and the store; so nothing is kept of what was sent, and an input is three cache lines.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3, 2.4.4, 2.7.2 (PCR every 100 ms at most; here 40).
// Threads: made by main, then of one worker. Owns: nothing. Errors: none.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "path/store.h"
#include "stage/dgram.h"

enum {
	BENCH_HEADER_BYTES = 42, // Ethernet, IPv4, UDP
	BENCH_FRAME_BYTES = BENCH_HEADER_BYTES + DP_DGRAM_TS_BYTES,
};

// What begins a payload.
struct bench_tag {
	uint32_t count;       // of packets of the PID before it
	uint16_t service;     // of the case
	uint8_t pid;          // BENCH_VIDEO or BENCH_AUDIO
	uint8_t pcr;          // 1: with a PCR
	uint64_t number;      // of the datagram, as the caller of bench_stream_next counts
	uint64_t media_27mhz; // when it was written, on the clock of the PCRs
};

struct bench_shape {
	unsigned first_service, programmes;
	uint32_t group; // IPv4, host order
	uint16_t udp_port;
	unsigned null_percent;
};

struct bench_stream {
	const struct bench_store *store; // BORROWED
	struct bench_shape shape;
	unsigned nulls;                                   // hundredths of a null packet owed
	unsigned turn;                                    // of the programmes
	uint64_t origin_tick;                             // TSC at which the clock of the PCRs is 0
	uint64_t last_tick;                               // TSC of the last datagram
	uint64_t first_pcr_27mhz;                         // of the stream; 0: none yet
	uint64_t psi_tick, pcr_tick;                      // TSC when they are due
	uint32_t count[BENCH_PROGRAMMES_MAX][BENCH_PIDS]; // of packets
	uint8_t pat_cc;
	uint8_t header[BENCH_HEADER_BYTES];
} __attribute__((aligned(64)));

// `store` outlives the stream.
void bench_stream_init(struct bench_stream *stream, const struct bench_shape *shape, const struct bench_store *store);

// Writes the next datagram, at TSC `tick`, to `out` (BENCH_FRAME_BYTES).
void bench_stream_next(struct bench_stream *stream, uint64_t tick, uint64_t number, uint8_t *out);

// Writes the packet that a tag names to `out` (TS_PACKET_BYTES), as it arrived; false when there is none.
bool bench_stream_packet(const struct bench_stream *stream, const struct bench_tag *tag, uint8_t *out);

static inline bool bench_is_elementary(uint16_t pid)
{
	unsigned which = (unsigned)(pid - BENCH_FIRST_PID) % BENCH_PID_STEP;

	return pid >= BENCH_FIRST_PID && (which == BENCH_VIDEO || which == BENCH_AUDIO);
}
