// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/packets.h"

#include <base_check.h>
#include <ts_section.h>

enum { NULL_PID = 0x1FFF };

size_t cas_packets_make(uint8_t out[CAS_PACKETS_BYTES], const uint8_t *section, size_t n)
{
	uint8_t cc = 0;
	int packets =
		ts_section_packetize((uint8_t(*)[TS_PACKET_BYTES])out, CAS_PACKETS_MAX, section, n, NULL_PID, &cc);

	CHECK(packets > 0);
	return (size_t)packets * TS_PACKET_BYTES;
}
