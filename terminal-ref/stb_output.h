// SPDX-License-Identifier: GPL-3.0-or-later
// Where the opened stream goes: a file, standard output, or datagrams of 7 packets.
//
// Threads: one owner. Owns: its descriptor and buffer. Errors: -errno; for open with the reason in `errs`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <ts_packet.h>

#define STB_OUTPUT_DATAGRAM_PKTS 7
#define STB_OUTPUT_BUFFER_PKTS   350

struct stb_output {
	int fd; // -1: nothing is written
	bool datagrams, owned;
	size_t n; // packets waiting
	uint64_t pkts;
	uint8_t buffer[STB_OUTPUT_BUFFER_PKTS * TS_PACKET_BYTES];
};

// Opens a file, "-" or udp://...; NULL writes nothing.
int stb_output_open(struct stb_output *out, const char *where, struct base_errs *errs);

// Takes one packet (BORROWS).
int stb_output_packet(struct stb_output *out, const uint8_t *packet);

// Writes what waits; of datagrams the last may be short.
int stb_output_flush(struct stb_output *out);

// Flushes and closes; returns the first error.
int stb_output_close(struct stb_output *out);
