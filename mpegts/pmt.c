// SPDX-License-Identifier: GPL-3.0-or-later
// Program map section. See ts_pmt.h.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.4.8 and 2.4.4.9, table 2-33.
#include <string.h>

#include <ts_pmt.h>

enum {
	FIXED_BYTES = 4,  // PCR_PID and program_info_length
	STREAM_BYTES = 5, // before the ES_info loop
	BODY_MAX_BYTES = 1024 - TS_SECTION_LONG_HEADER_BYTES - TS_SECTION_CRC_BYTES,
};

// Reads a loop of descriptors that starts with its 12-bit length at *p; moves *p and *left behind it.
static int take_loop(struct ts_desc_loop *out, const uint8_t **p, size_t *left)
{
	size_t n = base_bytes_get16(*p) & 0x0FFF;

	if (n > *left - 2)
		return -EBADMSG;
	*out = (struct ts_desc_loop){.bytes = *p + 2, .n = n};
	*p += 2 + n;
	*left -= 2 + n;
	return ts_desc_check(out);
}

static int take_stream(struct ts_pmt_stream *out, const uint8_t **p, size_t *left)
{
	if (*left < STREAM_BYTES)
		return -EBADMSG;
	out->stream_type = (*p)[0];
	out->pid = base_bytes_get16(*p + 1) & 0x1FFF;
	*p += 3;
	*left -= 3;
	return take_loop(&out->info, p, left);
}

int ts_pmt_parse(struct ts_pmt *out, const uint8_t *section, size_t n)
{
	struct ts_section s;
	int rc = ts_section_parse(&s, section, n);

	if (rc < 0)
		return rc;
	// A program map has one section (clause 2.4.4.9), and that has room for no more than TS_PMT_STREAMS_MAX
	// streams.
	if (s.table_id != TS_PMT_TABLE_ID || s.number != 0 || s.last != 0 || s.body_bytes < FIXED_BYTES)
		return -EBADMSG;

	const uint8_t *p = s.body + 2;
	size_t left = s.body_bytes - 2;

	out->program_number = s.extension;
	out->version = s.version;
	out->current = s.current;
	out->pcr_pid = base_bytes_get16(s.body) & 0x1FFF;
	rc = take_loop(&out->info, &p, &left);
	for (out->n = 0; rc == 0 && left > 0; out->n++)
		rc = take_stream(&out->stream[out->n], &p, &left);
	return rc;
}

// Where a section body is being written.
struct writer {
	uint8_t bytes[BODY_MAX_BYTES];
	size_t n;
};

// Two or three fixed bytes, then a loop with its length. -ENOSPC when they do not fit the body.
static int put(struct writer *w, const uint8_t *fixed, size_t fixed_n, const struct ts_desc_loop *info)
{
	size_t room = sizeof(w->bytes) - w->n;

	if (room < fixed_n + 2 || info->n > room - fixed_n - 2)
		return -ENOSPC;

	uint8_t *p = w->bytes + w->n;

	memcpy(p, fixed, fixed_n);
	base_bytes_put16(p + fixed_n, 0xF000 | (unsigned)info->n);
	if (info->n > 0)
		memcpy(p + fixed_n + 2, info->bytes, info->n);
	w->n += fixed_n + 2 + info->n;
	return 0;
}

int ts_pmt_write(uint8_t *out, size_t capacity, const struct ts_pmt *pmt)
{
	struct writer w = {.n = 0};
	uint8_t fixed[3];
	int rc;

	base_bytes_put16(fixed, 0xE000 | (pmt->pcr_pid & 0x1FFFu));
	rc = put(&w, fixed, 2, &pmt->info);
	for (size_t i = 0; rc == 0 && i < pmt->n; i++) {
		fixed[0] = pmt->stream[i].stream_type;
		base_bytes_put16(fixed + 1, 0xE000 | (pmt->stream[i].pid & 0x1FFFu));
		rc = put(&w, fixed, 3, &pmt->stream[i].info);
	}
	if (rc < 0)
		return rc;
	return ts_section_write(out, capacity,
				&(struct ts_section){
					.table_id = TS_PMT_TABLE_ID,
					.extension = pmt->program_number,
					.version = pmt->version,
					.current = pmt->current,
					.body = w.bytes,
					.body_bytes = w.n,
				});
}
