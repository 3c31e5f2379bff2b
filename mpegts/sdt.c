// SPDX-License-Identifier: GPL-3.0-or-later
// Service description section. See ts_sdt.h.
//
// Refs: ETSI EN 300 468 clause 5.2.3, table 5.
#include <string.h>

#include <ts_sdt.h>

enum {
	SDT_MAX_BYTES = 1024, // section_length up to 1021
	FIXED_BYTES = 3,      // original_network_id and a reserved byte
	SERVICE_BYTES = 5,    // before the descriptor loop
	FLAGS = 3,            // in a service: running_status, free_CA_mode, top of the loop's length
	FREE_CA = 0x10,
};

// Reads the service at `position` of the section; returns its size in bytes.
static int take_service(struct ts_sdt_service *out, const uint8_t *section, size_t position, size_t end)
{
	const uint8_t *p = section + position;

	if (end - position < SERVICE_BYTES)
		return -EBADMSG;

	size_t info_n = base_bytes_get16(p + FLAGS) & 0x0FFF;

	if (info_n > end - position - SERVICE_BYTES)
		return -EBADMSG;
	*out = (struct ts_sdt_service){
		.service_id = base_bytes_get16(p),
		.running_status = p[FLAGS] >> 5,
		.free_ca_mode = p[FLAGS] & FREE_CA,
		.bytes = p,
		.info = {.bytes = p + SERVICE_BYTES, .n = info_n},
	};
	return ts_desc_check(&out->info) == 0 ? (int)(SERVICE_BYTES + info_n) : -EBADMSG;
}

int ts_sdt_parse(struct ts_sdt *out, const uint8_t *section, size_t n)
{
	struct ts_section s;
	int rc = ts_section_parse(&s, section, n);

	if (rc < 0)
		return rc;
	if (s.table_id != TS_SDT_ACTUAL_TABLE_ID && s.table_id != TS_SDT_OTHER_TABLE_ID)
		return -EBADMSG;
	// A section of this size has room for no more than TS_SDT_SERVICES_MAX services.
	if (n > SDT_MAX_BYTES || s.number > s.last || s.body_bytes < FIXED_BYTES)
		return -EBADMSG;
	out->table_id = s.table_id;
	out->transport_stream_id = s.extension;
	out->version = s.version;
	out->current = s.current;
	out->number = s.number;
	out->last = s.last;
	out->original_network_id = base_bytes_get16(s.body);
	out->n = 0;

	size_t position = TS_SECTION_LONG_HEADER_BYTES + FIXED_BYTES;
	size_t end = TS_SECTION_LONG_HEADER_BYTES + s.body_bytes;

	while (position < end) {
		rc = take_service(&out->service[out->n], section, position, end);
		if (rc < 0)
			return rc;
		out->n++;
		position += (size_t)rc;
	}
	return 0;
}

size_t ts_sdt_begin(uint8_t *out, const uint8_t *section)
{
	const size_t n = TS_SECTION_LONG_HEADER_BYTES + FIXED_BYTES;

	memcpy(out, section, n);
	return n;
}

size_t ts_sdt_add(uint8_t *out, size_t n, const struct ts_sdt_service *service, bool free_ca_mode)
{
	size_t bytes = SERVICE_BYTES + service->info.n;

	memcpy(out + n, service->bytes, bytes);
	out[n + FLAGS] = (uint8_t)(free_ca_mode ? out[n + FLAGS] | FREE_CA : out[n + FLAGS] & ~FREE_CA);
	return n + bytes;
}

size_t ts_sdt_end(uint8_t *out, size_t n, uint8_t version)
{
	n += TS_SECTION_CRC_BYTES;
	base_bytes_put16(out + 1, (out[1] & 0xF0u) << 8 | (unsigned)(n - TS_SECTION_HEADER_BYTES));
	ts_section_seal(out, n, version);
	return n;
}
