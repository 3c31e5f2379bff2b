// SPDX-License-Identifier: GPL-3.0-or-later
// A rewritten table of one section, ready to be sent at its place in the stream.
//
// Refs: ISO/IEC 13818-1 clause 2.4.4 (version_number counts changes of the table that is sent).
// Threads: the worker that owns the input.
// Errors: -ENOSPC when a section does not fit.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ts_section.h>

// A PSI section has at most 1024 bytes (ISO/IEC 13818-1 clause 2.4.4), which are 6 packets.
enum { DP_TABLE_MAX_BYTES = 1024, DP_PACKETS_MAX = 16 };

// Packets waiting for slots; continuity counters and PIDs are set when they leave.
struct dp_packets {
	uint8_t n;
	uint8_t bytes[DP_PACKETS_MAX][TS_PACKET_BYTES];
};

struct dp_table {
	uint16_t raw_bytes; // of the input's section, 0: none taken yet
	uint16_t out_bytes; // of ours, 0: none made yet
	uint8_t version;    // of ours
	uint8_t raw[DP_TABLE_MAX_BYTES];
	uint8_t out[DP_TABLE_MAX_BYTES];
	struct dp_packets packets;
};

// True when `section` is the one taken last.
bool dp_table_same(const struct dp_table *table, const uint8_t *section, size_t n);

// Remembers the input's section (n <= DP_TABLE_MAX_BYTES).
void dp_table_take(struct dp_table *table, const uint8_t *section, size_t n);

// Forgets the input's section; what was made stays, and so its version goes on counting.
void dp_table_forget(struct dp_table *table);

// Makes `section` (n <= DP_TABLE_MAX_BYTES; its version_number and CRC are written here) the one to send.
// The first takes the input's `version`; later ones count up when their content differs from the last.
void dp_table_make(struct dp_table *table, uint8_t *section, size_t n, uint8_t version);

// Appends one whole section to packets; -ENOSPC when they have no room, then nothing is appended.
int dp_packets_append(struct dp_packets *packets, const uint8_t *section, size_t n);
