// SPDX-License-Identifier: GPL-3.0-or-later
// Sections: the header, assembly from packets, packetizing into packets.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.4.1 to 2.4.4.11 and 2.4.3.3 (continuity_counter); ISO/IEC 13818-6 clause 9.2.2.
// Threads: an assembler has one owner; the rest is pure.
// Errors: -EBADMSG malformed, -ENOSPC no room.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ts_packet.h>

#define TS_SECTION_MAX_BYTES         4096
#define TS_SECTION_HEADER_BYTES      3 // table_id and section_length
#define TS_SECTION_LONG_HEADER_BYTES 8 // with section_syntax_indicator 1
#define TS_SECTION_CRC_BYTES         4
// Packets that one section of the largest size can take.
#define TS_SECTION_MAX_PKTS 23

// Size in bytes of the section whose first three bytes (BORROWED) are here: 3..4098, not checked.
static inline size_t ts_section_bytes(const uint8_t *section)
{
	return TS_SECTION_HEADER_BYTES + (base_bytes_get16(section + 1) & 0x0FFF);
}

// The largest size of a section: 1024 bytes in PSI, 4096 for DSM-CC and private sections (table_id from 0x3A).
static inline size_t ts_section_max_bytes(uint8_t table_id)
{
	return table_id < 0x3A ? 1024 : TS_SECTION_MAX_BYTES;
}

// The long header of a checked section.
struct ts_section {
	uint8_t table_id;
	uint16_t extension;  // table_id_extension
	uint8_t version;     // version_number, 0..31
	bool current;        // current_next_indicator
	uint8_t number;      // section_number
	uint8_t last;        // last_section_number
	const uint8_t *body; // BORROWED; after the header
	size_t body_bytes;   // up to the CRC_32
};

// Checks length, syntax indicator and CRC_32 of the section of `n` bytes and fills *out. 0 or -EBADMSG.
int ts_section_parse(struct ts_section *out, const uint8_t *section, size_t n);

// Writes a section with long header and CRC_32 around `body` to `out` (may overlap: body may already stand at
// out + 8). Returns its size in bytes, or -ENOSPC when over `capacity` or ts_section_max_bytes.
int ts_section_write(uint8_t *out, size_t capacity, const struct ts_section *section);

// Writes version_number and the CRC_32 of a section of `n` bytes with long header that was changed in place.
void ts_section_seal(uint8_t *section, size_t n, uint8_t version);

// Why bytes of a PID did not become sections.
struct ts_section_counts {
	uint64_t sections;        // handed out
	uint64_t discontinuities; // a continuity error threw a part away
	uint64_t broken;          // a pointer_field or length that does not fit
};

struct ts_section_assembler {
	uint16_t have_bytes; // 0: waiting for a unit start
	bool started;        // last_cc holds
	bool jumped;         // the packet of last_cc announced a discontinuity
	uint8_t last_cc;
	struct ts_section_counts counts;
	uint8_t bytes[TS_SECTION_MAX_BYTES];
};

// A complete section (short or long form, CRC not checked) of `n` bytes, BORROWED for the call.
typedef void ts_section_fn(void *context, const uint8_t *section, size_t n);

void ts_section_assembler_init(struct ts_section_assembler *assembler);

// Takes one packet of the PID (BORROWED) and calls `fn` for each section it completes; `fn` must not feed or init this
// assembler. Duplicates are skipped; packets without sync byte, with transport_error_indicator or with scrambling are
// ignored. A jump that discontinuity_indicator announces drops the part too, uncounted. Returns the number of calls.
int ts_section_feed(struct ts_section_assembler *assembler, const uint8_t *packet, ts_section_fn *fn, void *context);

// Cuts one section of `n` bytes (3..4096) into packets of `pid`: the first with payload_unit_start_indicator and
// pointer_field 0, the last stuffed with 0xFF. The first packet carries continuity_counter *cc, which is left at the
// value after the last. Returns the number of packets, -ENOSPC when over `max_pkts`, -EBADMSG when `n` is out of range
// (nothing is written then).
int ts_section_packetize(uint8_t (*packets)[TS_PACKET_BYTES], size_t max_pkts, const uint8_t *section, size_t n,
			 uint16_t pid, uint8_t *cc);
