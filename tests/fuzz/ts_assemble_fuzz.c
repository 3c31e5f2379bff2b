// SPDX-License-Identifier: GPL-3.0-or-later
// Sections out of packets. Input: packets of one PID, one after the other.
//
// Whatever came before, a section that starts in the next packet must come out whole; and a stream in which every
// packet is sent twice must give the same sections.
#include <fuzz.h>
#include <ts_crc.h>
#include <ts_section.h>

// What was handed out: how many, and a mark over all bytes in order.
struct trail {
	size_t sections;
	uint32_t mark;
	size_t last_bytes;
	uint8_t last[TS_SECTION_MAX_BYTES];
};

static void hear(void *context, const uint8_t *section, size_t n)
{
	struct trail *trail = context;

	FUZZ_ASSERT(n >= TS_SECTION_HEADER_BYTES && n <= ts_section_max_bytes(section[0]));
	FUZZ_ASSERT(n == ts_section_bytes(section) && section[0] != 0xFF);
	memcpy(trail->last, section, n);
	trail->last_bytes = n;
	trail->mark = trail->mark * 31 + ts_crc32(section, n);
	trail->sections++;
}

static void feed(struct ts_section_assembler *a, struct trail *trail, const uint8_t *packet)
{
	uint8_t *exact = fuzz_exact(packet, TS_PACKET_BYTES);
	size_t before = trail->sections;
	int calls = ts_section_feed(a, exact, hear, trail);

	FUZZ_ASSERT(calls >= 0 && trail->sections == before + (size_t)calls);
	FUZZ_ASSERT(a->counts.sections == trail->sections);
	FUZZ_ASSERT(a->have_bytes < TS_SECTION_MAX_BYTES);
	free(exact);
}

// Packets of a section of `n` bytes, continuing the counter: the assembler must give it back.
static void recover(struct ts_section_assembler *a, struct trail *trail, size_t n)
{
	static uint8_t packets[TS_SECTION_MAX_PKTS][TS_PACKET_BYTES];
	uint8_t section[TS_SECTION_MAX_BYTES];
	uint8_t cc = (uint8_t)(a->last_cc + 1) & 0x0F;
	size_t before = trail->sections;

	section[0] = 0x80;
	base_bytes_put16(section + 1, 0x7000 | (unsigned)(n - TS_SECTION_HEADER_BYTES));
	for (size_t i = TS_SECTION_HEADER_BYTES; i < n; i++)
		section[i] = (uint8_t)i;

	int pkts = ts_section_packetize(packets, TS_SECTION_MAX_PKTS, section, n, 0x123, &cc);

	FUZZ_ASSERT(pkts > 0);
	for (int i = 0; i < pkts; i++)
		feed(a, trail, packets[i]);
	FUZZ_ASSERT(trail->sections == before + 1);
	FUZZ_ASSERT(fuzz_same(trail->last, trail->last_bytes, section, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ts_section_assembler once, twice;
	static struct trail trail_once, trail_twice;

	ts_section_assembler_init(&once);
	ts_section_assembler_init(&twice);
	trail_once = (struct trail){0};
	trail_twice = (struct trail){0};
	for (size_t at = 0; size - at >= TS_PACKET_BYTES; at += TS_PACKET_BYTES) {
		feed(&once, &trail_once, data + at);
		feed(&twice, &trail_twice, data + at);
		feed(&twice, &trail_twice, data + at);
	}
	FUZZ_ASSERT(trail_once.sections == trail_twice.sections && trail_once.mark == trail_twice.mark);
	FUZZ_ASSERT(once.counts.discontinuities == twice.counts.discontinuities);
	recover(&once, &trail_once, 3 + size % (TS_SECTION_MAX_BYTES - 2));
	return 0;
}
