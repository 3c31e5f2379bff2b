// SPDX-License-Identifier: GPL-3.0-or-later
// Program association section. See ts_pat.h.
//
// Refs: ISO/IEC 13818-1 clause 2.4.4.3, table 2-30.
#include <ts_pat.h>

enum { PROGRAM_BYTES = 4 };

int ts_pat_parse(struct ts_pat *out, const uint8_t *section, size_t n)
{
	struct ts_section s;
	int rc = ts_section_parse(&s, section, n);

	if (rc < 0)
		return rc;
	// A section of at most 1024 bytes has room for no more than TS_PAT_PROGRAMS_MAX programs.
	if (s.table_id != TS_PAT_TABLE_ID || s.number > s.last || s.body_bytes % PROGRAM_BYTES != 0)
		return -EBADMSG;
	out->transport_stream_id = s.extension;
	out->version = s.version;
	out->current = s.current;
	out->number = s.number;
	out->last = s.last;
	out->n = s.body_bytes / PROGRAM_BYTES;
	for (size_t i = 0; i < out->n; i++) {
		const uint8_t *p = s.body + i * PROGRAM_BYTES;

		out->program[i].number = base_bytes_get16(p);
		out->program[i].pid = base_bytes_get16(p + 2) & 0x1FFF;
	}
	return 0;
}

int ts_pat_write(uint8_t *out, size_t capacity, const struct ts_pat *pat)
{
	uint8_t body[TS_PAT_PROGRAMS_MAX * PROGRAM_BYTES];

	if (pat->n > TS_PAT_PROGRAMS_MAX)
		return -ENOSPC;
	for (size_t i = 0; i < pat->n; i++) {
		uint8_t *p = body + i * PROGRAM_BYTES;

		base_bytes_put16(p, pat->program[i].number);
		base_bytes_put16(p + 2, 0xE000 | (pat->program[i].pid & 0x1FFFu));
	}
	return ts_section_write(out, capacity,
				&(struct ts_section){
					.table_id = TS_PAT_TABLE_ID,
					.extension = pat->transport_stream_id,
					.version = pat->version,
					.current = pat->current,
					.number = pat->number,
					.last = pat->last,
					.body = body,
					.body_bytes = pat->n * PROGRAM_BYTES,
				});
}
