// SPDX-License-Identifier: GPL-3.0-or-later
// The adaptation field: discontinuity_indicator and PCR; null packets. See ts_packet.h.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3.4 and 2.4.3.5.
#include <string.h>

#include <ts_packet.h>

enum {
	AF_LENGTH = 4, // adaptation_field_length
	AF_FLAGS = 5,
	AF_PCR = 6, // the PCR is the first of the optional fields
	PCR_BYTES = 6,
	FLAG_DISCONTINUITY = 0x80,
	FLAG_PCR = 0x10,
	PCR_EXTENSIONS = 300, // the extension counts 0..299
};

// adaptation_field_length of a well-formed field; 0 when there is none, or it has no room for flags.
static unsigned field_bytes(const uint8_t *p)
{
	if (!(ts_packet_afc(p) & TS_AFC_ADAPTATION) || ts_packet_payload_offset(p) < 0)
		return 0;
	return p[AF_LENGTH];
}

static bool carries_pcr(const uint8_t *p)
{
	return field_bytes(p) >= 1 + PCR_BYTES && (p[AF_FLAGS] & FLAG_PCR);
}

bool ts_packet_discontinuity(const uint8_t *p)
{
	return field_bytes(p) >= 1 && (p[AF_FLAGS] & FLAG_DISCONTINUITY);
}

bool ts_packet_pcr(const uint8_t *p, uint64_t *pcr_27mhz)
{
	if (!carries_pcr(p))
		return false;

	// 33 bits of base, 6 reserved bits, 9 bits of extension
	uint64_t base = (uint64_t)base_bytes_get32(p + AF_PCR) << 1 | p[AF_PCR + 4] >> 7;
	unsigned extension = base_bytes_get16(p + AF_PCR + 4) & 0x1FF;

	if (extension >= PCR_EXTENSIONS)
		return false;
	*pcr_27mhz = base * PCR_EXTENSIONS + extension;
	return true;
}

bool ts_packet_set_pcr(uint8_t *p, uint64_t pcr_27mhz)
{
	if (!carries_pcr(p))
		return false;

	uint64_t pcr = pcr_27mhz % TS_PCR_TURN_27MHZ;
	uint64_t base = pcr / PCR_EXTENSIONS;
	unsigned extension = (unsigned)(pcr % PCR_EXTENSIONS);

	base_bytes_put32(p + AF_PCR, (uint32_t)(base >> 1));
	base_bytes_put16(p + AF_PCR + 4, (unsigned)(base & 1) << 15 | 0x7E00 | extension);
	return true;
}

void ts_packet_pcr_only(uint8_t *out, const uint8_t *packet)
{
	uint64_t pcr = 0;

	memset(out, 0xFF, TS_PACKET_BYTES);
	out[0] = TS_SYNC_BYTE;
	base_bytes_put16(out + 1, ts_packet_pid(packet));
	out[3] = TS_AFC_ADAPTATION << 4;
	out[AF_LENGTH] = TS_PACKET_BYTES - TS_HEADER_BYTES - 1;
	out[AF_FLAGS] = (uint8_t)(FLAG_PCR | (ts_packet_discontinuity(packet) ? FLAG_DISCONTINUITY : 0));
	ts_packet_pcr(packet, &pcr);
	ts_packet_set_pcr(out, pcr);
}

int64_t ts_packet_pcr_diff(uint64_t now_27mhz, uint64_t then_27mhz)
{
	uint64_t now = now_27mhz % TS_PCR_TURN_27MHZ, then = then_27mhz % TS_PCR_TURN_27MHZ;
	uint64_t ahead = (now + TS_PCR_TURN_27MHZ - then) % TS_PCR_TURN_27MHZ;

	if (ahead < TS_PCR_TURN_27MHZ / 2)
		return (int64_t)ahead;
	return (int64_t)ahead - (int64_t)TS_PCR_TURN_27MHZ;
}

void ts_packet_null(uint8_t *p)
{
	memset(p, 0xFF, TS_PACKET_BYTES);
	p[0] = TS_SYNC_BYTE;
	p[1] = TS_PID_NULL >> 8;
	p[2] = TS_PID_NULL & 0xFF;
	p[3] = TS_AFC_PAYLOAD << 4;
}
