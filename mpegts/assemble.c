// SPDX-License-Identifier: GPL-3.0-or-later
// Sections out of packets. See ts_section.h.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3.3 (continuity_counter), 2.4.3.5 (discontinuity_indicator), 2.4.4.2
// (pointer_field).
#include <string.h>

#include <ts_section.h>

enum { STUFFING = 0xFF }; // a table_id that no section has

void ts_section_assembler_init(struct ts_section_assembler *assembler)
{
	*assembler = (struct ts_section_assembler){0};
}

// One feed: the assembler and who hears of its sections.
struct feed {
	struct ts_section_assembler *assembler;
	ts_section_fn *fn;
	void *context;
	int calls;
};

static void break_part(struct ts_section_assembler *a)
{
	a->have_bytes = 0;
	a->counts.broken++;
}

// Copies up to `want` bytes in all into the part; returns how many were taken.
static size_t fill(struct ts_section_assembler *a, size_t want, const uint8_t *bytes, size_t n)
{
	size_t lacking = want - a->have_bytes;
	size_t taken = n < lacking ? n : lacking;

	memcpy(a->bytes + a->have_bytes, bytes, taken);
	a->have_bytes = (uint16_t)(a->have_bytes + taken);
	return taken;
}

// Adds bytes to the part and hands it out when it is whole. Returns how many bytes were taken: all of them when more
// are wanted, and also when the length cannot be, because nothing after it can be trusted.
static size_t add(struct feed *f, const uint8_t *bytes, size_t n)
{
	struct ts_section_assembler *a = f->assembler;
	size_t taken = 0;

	if (a->have_bytes < TS_SECTION_HEADER_BYTES)
		taken = fill(a, TS_SECTION_HEADER_BYTES, bytes, n);
	if (a->have_bytes < TS_SECTION_HEADER_BYTES)
		return n;

	size_t want = ts_section_bytes(a->bytes);

	if (want > ts_section_max_bytes(a->bytes[0])) {
		break_part(a);
		return n;
	}
	taken += fill(a, want, bytes + taken, n - taken);
	if (a->have_bytes < want)
		return n;
	a->have_bytes = 0;
	a->counts.sections++;
	f->calls++;
	f->fn(f->context, a->bytes, want);
	return taken;
}

// A payload with payload_unit_start_indicator: the end of one section, then sections until stuffing or the end.
static void take_starts(struct feed *f, const uint8_t *payload, size_t n)
{
	struct ts_section_assembler *a = f->assembler;
	size_t start = 1 + (size_t)payload[0];

	if (start >= n) {
		break_part(a);
		return;
	}
	if (a->have_bytes > 0) {
		add(f, payload + 1, start - 1);
		// The next section starts before this one is whole.
		if (a->have_bytes > 0)
			break_part(a);
	}
	while (start < n && payload[start] != STUFFING)
		start += add(f, payload + start, n - start);
}

// Follows the continuity_counter. False when the packet is a duplicate, or carries no payload.
static bool follow(struct ts_section_assembler *a, const uint8_t *p)
{
	bool jump = ts_packet_discontinuity(p);
	bool counted = ts_packet_afc(p) & TS_AFC_PAYLOAD;
	uint8_t cc = (uint8_t)ts_packet_cc(p);
	uint8_t last = a->last_cc;

	// Without payload the counter stands still, unless the packet announces that it jumps.
	if (!counted && !jump)
		return false;

	// A duplicate repeats every byte, so also the announcement.
	if (a->started && cc == last && jump == a->jumped)
		return false;

	uint8_t expected = counted ? (last + 1) & 0x0F : last;

	// An announced jump loses the part as well, but is no error.
	if (a->started && cc != expected && a->have_bytes > 0) {
		a->have_bytes = 0;
		a->counts.discontinuities += !jump;
	}
	a->started = true;
	a->last_cc = cc;
	a->jumped = counted && jump;
	return counted;
}

int ts_section_feed(struct ts_section_assembler *assembler, const uint8_t *packet, ts_section_fn *fn, void *context)
{
	struct feed f = {.assembler = assembler, .fn = fn, .context = context};
	int offset = ts_packet_payload_offset(packet);

	if (!ts_packet_synced(packet) || ts_packet_error_indicator(packet) || ts_packet_tsc(packet) != TS_TSC_CLEAR)
		return 0;
	if (offset < 0) {
		assembler->counts.broken++;
		return 0;
	}
	if (!follow(assembler, packet) || offset == TS_PACKET_BYTES)
		return 0;

	const uint8_t *payload = packet + offset;
	size_t n = TS_PACKET_BYTES - (size_t)offset;

	if (ts_packet_unit_start(packet))
		take_starts(&f, payload, n);
	else if (assembler->have_bytes > 0)
		add(&f, payload, n);
	return f.calls;
}
