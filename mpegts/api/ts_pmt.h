// SPDX-License-Identifier: GPL-3.0-or-later
// Program map section, table_id 0x02.
//
// Refs: ISO/IEC 13818-1 clause 2.4.4.8, table 2-34 (stream_type). Threads: any; pure. Errors: -EBADMSG, -ENOSPC.
#pragma once

#include <ts_desc.h>
#include <ts_section.h>

#define TS_PMT_TABLE_ID 0x02
// (1021 - 13) / 5: what one section can hold.
#define TS_PMT_STREAMS_MAX 201

struct ts_pmt_stream {
	uint8_t stream_type;
	uint16_t pid; // elementary_PID
	struct ts_desc_loop info;
};

struct ts_pmt {
	uint16_t program_number;
	uint8_t version;
	bool current;
	uint16_t pcr_pid;         // 0x1FFF: none
	struct ts_desc_loop info; // program_info
	size_t n;
	struct ts_pmt_stream stream[TS_PMT_STREAMS_MAX];
};

// Parses a whole section with its CRC; the loops BORROW `section` and every descriptor in them fits.
int ts_pmt_parse(struct ts_pmt *out, const uint8_t *section, size_t n);

// Writes a whole section with its CRC; returns its size in bytes, or -ENOSPC when it is over `capacity` or 1024.
int ts_pmt_write(uint8_t *out, size_t capacity, const struct ts_pmt *pmt);
