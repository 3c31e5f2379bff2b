// SPDX-License-Identifier: GPL-3.0-or-later
// One input as it would arrive: an SPTS or a multiplex of some programmes, each with PMT, video with PCR and audio,
// and null packets, in datagrams of seven. Elementary streams are made once and replayed in laps: random bytes, some
// packets with stuffing, so that lengths differ. PSI comes every 100 ms and PCRs every 40 ms of real time, whatever
// the packet rate; continuity counters go on for ever.
//
// Every payload begins with a tag that says which packet it is, so that whoever opens it later can tell.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3, 2.4.4, 2.7.2 (PCR every 100 ms at most; here 40).
// Threads: made by main, then of one worker. Owns: its frames. Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <base_clock.h>

#include "stage/dgram.h"

enum {
	BENCH_HEADER_BYTES = 42, // Ethernet, IPv4, UDP
	BENCH_FRAME_BYTES = BENCH_HEADER_BYTES + DP_DGRAM_TS_BYTES,
	BENCH_PROGRAMMES_MAX = 4, // of one input
	BENCH_FIRST_PID = 0x100,  // PIDs of the k-th programme: from FIRST + k * STEP on, by enum bench_pid
	BENCH_PID_STEP = 16,
	BENCH_PSI_MS = 100,
	BENCH_PCR_MS = 40,
};

enum bench_pid { BENCH_PMT, BENCH_VIDEO, BENCH_AUDIO, BENCH_PIDS };

// What begins a payload.
struct bench_tag {
	uint32_t service;     // of the case
	uint32_t packet;      // of the stream's store: frame * 8 + slot
	uint64_t number;      // of the datagram, as the caller of bench_stream_next counts
	uint64_t media_27mhz; // when it was written, on the clock of the PCRs
};

struct bench_frame {
	uint8_t bytes[BENCH_FRAME_BYTES];
	uint8_t counter[DP_DGRAM_SLOTS];    // continuity_counter of the packet, an index
	uint8_t tag_offset[DP_DGRAM_SLOTS]; // in the packet; 0: no tag
} __attribute__((aligned(64)));

struct bench_shape {
	unsigned index, inputs; // which of how many, so that inputs are not in step
	unsigned first_service, programmes;
	uint32_t group; // IPv4, host order
	uint16_t udp_port;
	unsigned null_percent;
};

struct bench_stream {
	struct bench_shape shape;
	const struct base_clock *clock;
	uint64_t origin_tick;          // TSC at which the clock of the PCRs is 0
	uint64_t last_tick;            // TSC of the last datagram
	uint64_t first_pcr_27mhz;      // of the stream; 0: none yet
	unsigned lap, at;              // frames with elementary streams; the next of them
	uint64_t psi_tick, pcr_tick;   // TSC when they are due
	uint64_t psi_ticks, pcr_ticks; // between them
	uint8_t cc[2 + BENCH_PROGRAMMES_MAX * BENCH_PIDS];
	struct bench_frame *frame; // the lap, then one with PSI, then one with PCRs
};

int bench_stream_init(struct bench_stream *stream, const struct bench_shape *shape, const struct base_clock *clock);
void bench_stream_fini(struct bench_stream *stream);

// Writes the next datagram, at TSC `tick`, to `out` (BENCH_FRAME_BYTES).
void bench_stream_next(struct bench_stream *stream, uint64_t tick, uint64_t number, uint8_t *out);

// The packet that a tag names as it is stored, and where its tag begins; NULL when there is none.
const uint8_t *bench_stream_packet(const struct bench_stream *stream, const struct bench_tag *tag,
				   unsigned *tag_offset);

static inline uint16_t bench_pid(unsigned programme, enum bench_pid which)
{
	return (uint16_t)(BENCH_FIRST_PID + programme * BENCH_PID_STEP + which);
}

static inline bool bench_is_elementary(uint16_t pid)
{
	unsigned which = (unsigned)(pid - BENCH_FIRST_PID) % BENCH_PID_STEP;

	return pid >= BENCH_FIRST_PID && (which == BENCH_VIDEO || which == BENCH_AUDIO);
}
