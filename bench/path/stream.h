// SPDX-License-Identifier: GPL-3.0-or-later
// One service as it would arrive: an SPTS of PAT, PMT, video with PCR, audio and null packets, in datagrams of seven,
// made once and replayed in laps. Payloads are random bytes; some packets end a PES packet and carry stuffing, so that
// lengths differ. PCRs and continuity_counters are set at each hand-out and go on across laps.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3, 2.4.4, 2.7.2 (PCR every 100 ms at most; here 40).
// Threads: made by main, then of one worker. Owns: its frames. Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stage/dgram.h"

enum {
	BENCH_HEADER_BYTES = 42, // Ethernet, IPv4, UDP
	BENCH_FRAME_BYTES = BENCH_HEADER_BYTES + DP_DGRAM_TS_BYTES,
	BENCH_PMT_PID = 0x100,
	BENCH_VIDEO_PID = 0x101,
	BENCH_AUDIO_PID = 0x102,
	BENCH_PROGRAM = 1,
};

// What a packet belongs to; each kind but NULL has a continuity_counter.
enum bench_kind { BENCH_PAT, BENCH_PMT, BENCH_VIDEO, BENCH_AUDIO, BENCH_NULL, BENCH_KINDS };

struct bench_frame {
	uint8_t bytes[BENCH_FRAME_BYTES];
	uint8_t kind[DP_DGRAM_SLOTS];
	int8_t pcr_slot; // -1: no PCR in it
} __attribute__((aligned(64)));

struct bench_shape {
	unsigned index;    // of the service
	unsigned services; // of the case
	uint32_t group;    // IPv4, host order
	uint16_t udp_port;
	unsigned rate_kbps;
	unsigned null_percent;
};

struct bench_stream {
	unsigned frames; // of a lap
	unsigned at;     // next
	unsigned start;  // where it goes on after its first datagram, so that services are not in step
	uint64_t sent_pkts;
	uint64_t pkt_27mhz; // time of one packet
	uint8_t cc[BENCH_KINDS];
	struct bench_frame *frame;
};

int bench_stream_init(struct bench_stream *stream, const struct bench_shape *shape);
void bench_stream_fini(struct bench_stream *stream);

// Writes the next datagram to `out` (BENCH_FRAME_BYTES).
void bench_stream_next(struct bench_stream *stream, uint8_t *out);
