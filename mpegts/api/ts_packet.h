// SPDX-License-Identifier: GPL-3.0-or-later
// The transport packet: header fields, adaptation field, PCR.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3.2 to 2.4.3.5; ETSI TS 100 289 (transport_scrambling_control).
// Threads: any; pure functions on 188 bytes (BORROWED, any alignment).
// Errors: -EBADMSG for an adaptation field that does not fit its packet or the reserved adaptation_field_control 00.
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <base_bytes.h>

#define TS_PACKET_BYTES      188
#define TS_HEADER_BYTES      4
#define TS_PAYLOAD_MAX_BYTES 184
#define TS_SYNC_BYTE         0x47
#define TS_PIDS              8192

enum {
	TS_PID_PAT = 0x0000,
	TS_PID_CAT = 0x0001,
	TS_PID_NIT = 0x0010,
	TS_PID_SDT = 0x0011,
	TS_PID_SI_LAST = 0x001F, // 0x0000..0x001F: PSI and SI, never scrambled
	TS_PID_NULL = 0x1FFF,
};

// transport_scrambling_control
enum { TS_TSC_CLEAR = 0, TS_TSC_RESERVED = 1, TS_TSC_EVEN = 2, TS_TSC_ODD = 3 };

// adaptation_field_control, two bits
enum { TS_AFC_RESERVED = 0, TS_AFC_PAYLOAD = 1, TS_AFC_ADAPTATION = 2, TS_AFC_BOTH = 3 };

static inline bool ts_packet_synced(const uint8_t *p)
{
	return p[0] == TS_SYNC_BYTE;
}

static inline bool ts_packet_error_indicator(const uint8_t *p)
{
	return p[1] & 0x80;
}

// payload_unit_start_indicator
static inline bool ts_packet_unit_start(const uint8_t *p)
{
	return p[1] & 0x40;
}

static inline uint16_t ts_packet_pid(const uint8_t *p)
{
	return base_bytes_get16(p + 1) & 0x1FFF;
}

static inline void ts_packet_set_pid(uint8_t *p, uint16_t pid)
{
	p[1] = (uint8_t)((p[1] & 0xE0) | (pid >> 8 & 0x1F));
	p[2] = (uint8_t)pid;
}

static inline unsigned ts_packet_tsc(const uint8_t *p)
{
	return p[3] >> 6;
}

static inline void ts_packet_set_tsc(uint8_t *p, unsigned tsc)
{
	p[3] = (uint8_t)((p[3] & 0x3F) | tsc << 6);
}

static inline unsigned ts_packet_afc(const uint8_t *p)
{
	return p[3] >> 4 & 3;
}

static inline unsigned ts_packet_cc(const uint8_t *p)
{
	return p[3] & 0x0F;
}

static inline void ts_packet_set_cc(uint8_t *p, unsigned cc)
{
	p[3] = (uint8_t)((p[3] & 0xF0) | (cc & 0x0F));
}

// Where the payload starts: 4..188, where 188 is "no payload"; or -EBADMSG.
// adaptation_field_length is 183 with control 10 and 0..182 with 11; 183 with 11 is read as an empty payload.
static inline int ts_packet_payload_offset(const uint8_t *p)
{
	switch (ts_packet_afc(p)) {
	case TS_AFC_PAYLOAD:
		return TS_HEADER_BYTES;
	case TS_AFC_ADAPTATION:
		return p[4] == 183 ? TS_PACKET_BYTES : -EBADMSG;
	case TS_AFC_BOTH:
		return p[4] <= 183 ? TS_HEADER_BYTES + 1 + p[4] : -EBADMSG;
	default:
		return -EBADMSG;
	}
}

// True when the packet carries payload bytes. A malformed adaptation field carries none.
static inline bool ts_packet_has_payload(const uint8_t *p)
{
	int offset = ts_packet_payload_offset(p);

	return offset >= 0 && offset < TS_PACKET_BYTES;
}

// True when there is a well-formed adaptation field whose discontinuity_indicator is set.
bool ts_packet_discontinuity(const uint8_t *p);

// Reads the PCR in 27 MHz units (0 .. 2^33*300-1) to *pcr_27mhz; false when the packet carries none,
// or one whose extension is over 299.
bool ts_packet_pcr(const uint8_t *p, uint64_t *pcr_27mhz);

// Writes a PCR, modulo one turn, over the one that the packet carries; false, and nothing written, when it carries
// none.
bool ts_packet_set_pcr(uint8_t *p, uint64_t pcr_27mhz);

// Writes to `out` an adaptation field alone with the PID, discontinuity_indicator and PCR of a packet that carries a
// PCR. Its continuity_counter is 0 and stays so: packets without payload do not count (clause 2.4.3.3).
void ts_packet_pcr_only(uint8_t *out, const uint8_t *packet);

// One turn of the PCR: 2^33 * 300 units of 27 MHz.
#define TS_PCR_TURN_27MHZ (UINT64_C(0x200000000) * 300)

// How far `now` is after `then`, across a turn: -TURN/2 .. TURN/2-1. Both are taken modulo one turn.
int64_t ts_packet_pcr_diff(uint64_t now_27mhz, uint64_t then_27mhz);

// Writes a null packet: PID 0x1FFF, payload only, 0xFF.
void ts_packet_null(uint8_t *p);
