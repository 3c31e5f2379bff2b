// SPDX-License-Identifier: GPL-3.0-or-later
// The long section header and its CRC_32. See ts_section.h.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.4.1 to 2.4.4.11.
#include <string.h>

#include <ts_crc.h>
#include <ts_section.h>

int ts_section_parse(struct ts_section *out, const uint8_t *section, size_t n)
{
	if (n < TS_SECTION_LONG_HEADER_BYTES + TS_SECTION_CRC_BYTES || n > ts_section_max_bytes(section[0]))
		return -EBADMSG;
	if (ts_section_bytes(section) != n || !(section[1] & 0x80) || ts_crc32(section, n) != 0)
		return -EBADMSG;
	*out = (struct ts_section){
		.table_id = section[0],
		.extension = base_bytes_get16(section + 3),
		.version = section[5] >> 1 & 0x1F,
		.current = section[5] & 1,
		.number = section[6],
		.last = section[7],
		.body = section + TS_SECTION_LONG_HEADER_BYTES,
		.body_bytes = n - TS_SECTION_LONG_HEADER_BYTES - TS_SECTION_CRC_BYTES,
	};
	return 0;
}

int ts_section_write(uint8_t *out, size_t capacity, const struct ts_section *section)
{
	const size_t frame = TS_SECTION_LONG_HEADER_BYTES + TS_SECTION_CRC_BYTES;
	size_t limit = ts_section_max_bytes(section->table_id);

	if (capacity < limit)
		limit = capacity;
	if (limit < frame || section->body_bytes > limit - frame)
		return -ENOSPC;

	size_t n = frame + section->body_bytes;
	// The bit after section_syntax_indicator is 0 in PSI and reserved, so 1, in DVB SI.
	unsigned flags = section->table_id < 0x40 ? 0xB000 : 0xF000;

	// The body first: it may stand where the header goes.
	if (section->body_bytes > 0)
		memmove(out + TS_SECTION_LONG_HEADER_BYTES, section->body, section->body_bytes);
	out[0] = section->table_id;
	base_bytes_put16(out + 1, flags | (unsigned)(n - TS_SECTION_HEADER_BYTES));
	base_bytes_put16(out + 3, section->extension);
	out[5] = (uint8_t)(0xC0 | (section->version & 0x1F) << 1 | section->current);
	out[6] = section->number;
	out[7] = section->last;
	base_bytes_put32(out + n - TS_SECTION_CRC_BYTES, ts_crc32(out, n - TS_SECTION_CRC_BYTES));
	return (int)n;
}

void ts_section_seal(uint8_t *section, size_t n, uint8_t version)
{
	section[5] = (uint8_t)((section[5] & 0xC1) | (version & 0x1F) << 1);
	base_bytes_put32(section + n - TS_SECTION_CRC_BYTES, ts_crc32(section, n - TS_SECTION_CRC_BYTES));
}
