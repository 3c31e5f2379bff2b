// SPDX-License-Identifier: GPL-3.0-or-later
// Sections into packets: ISO/IEC 13818-1 clause 2.4.4 (pointer_field).
#include <string.h>

#include <ts_section.h>

#include "mux/inside.h"

// Where the section begins that stands at or behind `at`; `n` when none does.
static size_t next_start(const uint8_t *sections, size_t n, size_t start, size_t at)
{
	while (start < at && start < n)
		start += ts_section_bytes(sections + start);
	return start;
}

// How many of the bytes from `at` on go into `room`. No section begins where its header would be cut, and none does in
// a packet without pointer_field.
static size_t fill(const uint8_t *sections, size_t n, size_t at, size_t start, size_t room, bool starts)
{
	size_t end = n - at < room ? n : at + room;

	if (!starts)
		return (start < end ? start : end) - at;
	while (start < end && at + room - start >= TS_SECTION_HEADER_BYTES)
		start += ts_section_bytes(sections + start);
	return (start < end ? start : end) - at;
}

unsigned mux_pack(uint8_t (*packets)[TS_PACKET_BYTES], const uint8_t *sections, size_t n, uint8_t *cc)
{
	size_t at = 0, start = 0;
	unsigned made = 0;

	while (at < n) {
		uint8_t *p = packets[made++];
		size_t head = TS_HEADER_BYTES, bytes;
		bool starts;

		start = next_start(sections, n, start, at);
		starts = start < n && start - at + 1 + TS_SECTION_HEADER_BYTES <= TS_PAYLOAD_MAX_BYTES;
		ts_packet_null(p);
		p[1] |= starts ? 0x40 : 0;
		ts_packet_set_cc(p, (*cc)++ & 0x0F);
		if (starts)
			p[head++] = (uint8_t)(start - at);
		bytes = fill(sections, n, at, start, TS_PACKET_BYTES - head, starts);
		memcpy(p + head, sections + at, bytes);
		at += bytes;
	}
	return made;
}
