// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/datagram.h"

#include <errno.h>
#include <string.h>

#include <ts_section.h>

struct collect {
	uint8_t *out;
	size_t n;
	unsigned sections;
};

static void take_section(void *context, const uint8_t *section, size_t n)
{
	struct collect *collect = context;

	collect->sections++;
	if (n > CP_DATAGRAM_SECTION_MAX)
		return;
	memcpy(collect->out, section, n);
	collect->n = n;
}

static int check(const uint8_t *section, size_t n)
{
	if (n <= TS_SECTION_HEADER_BYTES || n > CP_DATAGRAM_SECTION_MAX || ts_section_bytes(section) != n ||
	    (section[0] & 0xFE) != 0x80)
		return -EBADMSG;
	return (int)n;
}

// PID and continuity_counter of the packets are for the MUX to write, so they tell nothing here.
static int unpack(uint8_t *out, const uint8_t *datagram, size_t n)
{
	struct collect collect = {.out = out};
	struct ts_section_assembler assembler;
	uint8_t packet[TS_PACKET_BYTES];

	if (n % TS_PACKET_BYTES || n / TS_PACKET_BYTES > TS_SECTION_MAX_PKTS)
		return -EBADMSG;
	ts_section_assembler_init(&assembler);
	for (size_t i = 0; i < n / TS_PACKET_BYTES; i++) {
		memcpy(packet, datagram + i * TS_PACKET_BYTES, sizeof(packet));
		if (!ts_packet_synced(packet) || ts_packet_tsc(packet) != TS_TSC_CLEAR)
			return -EBADMSG;
		ts_packet_set_cc(packet, (unsigned)i);
		ts_section_feed(&assembler, packet, take_section, &collect);
	}
	return collect.sections == 1 ? check(out, collect.n) : -EBADMSG;
}

int cp_datagram_section(uint8_t *out, const uint8_t *datagram, size_t n, bool packets)
{
	if (n == 0)
		return 0;
	if (packets)
		return unpack(out, datagram, n);
	int rc = check(datagram, n);

	if (rc > 0)
		memcpy(out, datagram, n);
	return rc;
}
