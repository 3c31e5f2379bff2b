// SPDX-License-Identifier: GPL-3.0-or-later
// One section into packets. See ts_section.h.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3.3 and 2.4.4.2 (pointer_field).
#include <string.h>

#include <ts_section.h>

static void put_header(uint8_t *p, uint16_t pid, bool unit_start, uint8_t cc)
{
	p[0] = TS_SYNC_BYTE;
	p[1] = unit_start ? 0x40 : 0x00;
	ts_packet_set_pid(p, pid);
	p[3] = TS_AFC_PAYLOAD << 4;
	ts_packet_set_cc(p, cc);
}

int ts_section_packetize(uint8_t (*packets)[TS_PACKET_BYTES], size_t max_pkts, const uint8_t *section, size_t n,
			 uint16_t pid, uint8_t *cc)
{
	if (n < TS_SECTION_HEADER_BYTES || n > TS_SECTION_MAX_BYTES)
		return -EBADMSG;

	// The pointer_field takes one payload byte of the first packet.
	size_t pkts = (1 + n + TS_PAYLOAD_MAX_BYTES - 1) / TS_PAYLOAD_MAX_BYTES;

	if (pkts > max_pkts)
		return -ENOSPC;

	size_t taken = 0;

	for (size_t i = 0; i < pkts; i++) {
		uint8_t *p = packets[i];
		size_t at = TS_HEADER_BYTES;

		put_header(p, pid, i == 0, *cc);
		*cc = (*cc + 1) & 0x0F;
		if (i == 0)
			p[at++] = 0;

		size_t room = TS_PACKET_BYTES - at;
		size_t now = n - taken < room ? n - taken : room;

		memcpy(p + at, section + taken, now);
		memset(p + at + now, 0xFF, room - now);
		taken += now;
	}
	return (int)pkts;
}
