// SPDX-License-Identifier: GPL-3.0-or-later
// Packets and sections of a fuzz input, given to the terminal's receiver: what stb_psi and stb_ca share.
//
// Records, each led by a byte. Its low bit 0: a transport packet of 188 bytes as it is. 1: a PID and a size of two
// bytes each and a section of that size, which is made whole and goes in as packets.
//
// Threads: one. Owns: the continuity counters.
#pragma once

#include <fuzz.h>
#include <stb_receiver.h>

static uint8_t records_cc[TS_PIDS];

// Makes length, CRC_32 or MAC of a section of `n` bytes right, as the record's lead asks; false: it is left out.
typedef bool records_whole_fn(unsigned lead, uint8_t *section, size_t n);

static inline void records_give(struct stb_receiver *r, const uint8_t *packet)
{
	uint8_t *copy = fuzz_exact(packet, TS_PACKET_BYTES);

	FUZZ_ASSERT(stb_receiver_packet(r, copy) == 0);
	free(copy);
}

static inline void records_give_section(struct stb_receiver *r, records_whole_fn *whole, unsigned lead, uint16_t pid,
					const uint8_t *bytes, size_t n)
{
	uint8_t packets[TS_SECTION_MAX_BYTES / 183 + 2][TS_PACKET_BYTES];
	uint8_t section[TS_SECTION_MAX_BYTES];
	int count;

	if (n < TS_SECTION_HEADER_BYTES || n > sizeof(section))
		return;
	memcpy(section, bytes, n);
	if (!whole(lead, section, n))
		return;
	count = ts_section_packetize(packets, sizeof(packets) / sizeof(packets[0]), section, n, pid, &records_cc[pid]);
	FUZZ_ASSERT(count > 0);
	for (int i = 0; i < count; i++)
		records_give(r, packets[i]);
}

// Takes one record; returns its size, 0 when it is cut.
static inline size_t records_take(struct stb_receiver *r, records_whole_fn *whole, const uint8_t *bytes, size_t n)
{
	size_t size;

	if (!(bytes[0] & 1)) {
		if (n < 1 + TS_PACKET_BYTES)
			return 0;
		records_give(r, bytes + 1);
		return 1 + TS_PACKET_BYTES;
	}
	if (n < 5)
		return 0;
	size = base_bytes_get16(bytes + 3);
	if (size > n - 5)
		return 0;
	records_give_section(r, whole, bytes[0], base_bytes_get16(bytes + 1) & 0x1FFF, bytes + 5, size);
	return 5 + size;
}

// Takes all of an input.
static inline void records_run(struct stb_receiver *r, records_whole_fn *whole, const uint8_t *bytes, size_t n)
{
	size_t step = 1;

	memset(records_cc, 0, sizeof(records_cc));
	for (size_t at = 0; at < n && step > 0; at += step)
		step = records_take(r, whole, bytes + at, n - at);
}
