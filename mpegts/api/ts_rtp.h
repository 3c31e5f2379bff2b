// SPDX-License-Identifier: GPL-3.0-or-later
// RTP header of MPEG-2 transport streams.
//
// Refs: RFC 3550 clause 5.1; RFC 2250 clause 2 (payload type 33, 90 kHz). Threads: any; pure.
// Errors: -EBADMSG, -ENOSPC.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TS_RTP_HEADER_BYTES      12
#define TS_RTP_PAYLOAD_TYPE_MP2T 33

struct ts_rtp {
	bool marker;
	uint8_t payload_type;
	uint16_t sequence;
	uint32_t timestamp_90khz;
	uint32_t ssrc;
	uint16_t payload_offset; // after CSRC list and header extension
	uint16_t payload_bytes;  // without padding
};

// Reads the header of a datagram of `n` bytes. 0, or -EBADMSG (version is not 2, lists or padding do not fit).
int ts_rtp_parse(struct ts_rtp *out, const uint8_t *datagram, size_t n);

// Writes a 12-byte header (no CSRC, extension or padding). Returns 12 or -ENOSPC.
int ts_rtp_write(uint8_t *out, size_t capacity, const struct ts_rtp *rtp);
