// SPDX-License-Identifier: GPL-3.0-or-later
// Program association section, table_id 0x00.
//
// Refs: ISO/IEC 13818-1 clause 2.4.4.3. Threads: any; pure. Errors: -EBADMSG, -ENOSPC.
#pragma once

#include <ts_section.h>

#define TS_PAT_TABLE_ID     0x00
#define TS_PAT_PROGRAMS_MAX 253

struct ts_pat {
	uint16_t transport_stream_id;
	uint8_t version;
	bool current;
	uint8_t number, last; // section_number, last_section_number
	size_t n;
	struct {
		uint16_t number; // program_number; 0 names the network PID
		uint16_t pid;
	} program[TS_PAT_PROGRAMS_MAX];
};

// Parses a whole section with its CRC. 0 or -EBADMSG.
int ts_pat_parse(struct ts_pat *out, const uint8_t *section, size_t n);

// Writes a whole section with its CRC; returns its size in bytes or -ENOSPC.
int ts_pat_write(uint8_t *out, size_t capacity, const struct ts_pat *pat);
