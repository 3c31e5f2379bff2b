// SPDX-License-Identifier: GPL-3.0-or-later
// Descriptor loops and the descriptors of conditional access. See ts_desc.h.
//
// Refs: ISO/IEC 13818-1 clauses 2.6.1 and 2.6.16; ETSI EN 300 468 clause 6.2 (scrambling_descriptor).
#include <errno.h>
#include <string.h>

#include <base_bytes.h>
#include <ts_desc.h>

enum {
	HEADER_BYTES = 2,   // descriptor_tag and descriptor_length
	CA_FIXED_BYTES = 4, // CA_system_id and CA_PID
	BODY_MAX_BYTES = 255,
};

int ts_desc_next(const struct ts_desc_loop *loop, size_t *position, struct ts_desc *out)
{
	if (*position >= loop->n)
		return 0;

	const uint8_t *p = loop->bytes + *position;
	size_t left = loop->n - *position;

	if (left < HEADER_BYTES || left - HEADER_BYTES < p[1])
		return -EBADMSG;
	*out = (struct ts_desc){.tag = p[0], .n = p[1], .bytes = p + HEADER_BYTES};
	*position += HEADER_BYTES + (size_t)p[1];
	return 1;
}

bool ts_desc_find(const struct ts_desc_loop *loop, uint8_t tag, struct ts_desc *out)
{
	struct ts_desc desc;
	size_t position = 0;

	while (ts_desc_next(loop, &position, &desc) > 0) {
		if (desc.tag != tag)
			continue;
		*out = desc;
		return true;
	}
	return false;
}

int ts_desc_check(const struct ts_desc_loop *loop)
{
	struct ts_desc desc;
	size_t position = 0;
	int rc;

	do
		rc = ts_desc_next(loop, &position, &desc);
	while (rc > 0);
	return rc;
}

int ts_desc_ca_parse(struct ts_desc_ca *out, const struct ts_desc *desc)
{
	if (desc->tag != TS_DESC_CA || desc->n < CA_FIXED_BYTES)
		return -EBADMSG;
	*out = (struct ts_desc_ca){
		.ca_system_id = base_bytes_get16(desc->bytes),
		.pid = base_bytes_get16(desc->bytes + 2) & 0x1FFF,
		.private_bytes = desc->bytes + CA_FIXED_BYTES,
		.private_n = (size_t)desc->n - CA_FIXED_BYTES,
	};
	return 0;
}

int ts_desc_ca_write(uint8_t *out, size_t capacity, const struct ts_desc_ca *ca)
{
	if (ca->private_n > BODY_MAX_BYTES - CA_FIXED_BYTES)
		return -ENOSPC;

	size_t body = CA_FIXED_BYTES + ca->private_n;

	if (capacity < HEADER_BYTES + body)
		return -ENOSPC;
	out[0] = TS_DESC_CA;
	out[1] = (uint8_t)body;
	base_bytes_put16(out + 2, ca->ca_system_id);
	base_bytes_put16(out + 4, 0xE000 | (ca->pid & 0x1FFFu));
	if (ca->private_n > 0)
		memcpy(out + HEADER_BYTES + CA_FIXED_BYTES, ca->private_bytes, ca->private_n);
	return (int)(HEADER_BYTES + body);
}

int ts_desc_scrambling_write(uint8_t *out, size_t capacity, uint8_t scrambling_mode)
{
	if (capacity < HEADER_BYTES + 1)
		return -ENOSPC;
	out[0] = TS_DESC_SCRAMBLING;
	out[1] = 1;
	out[2] = scrambling_mode;
	return HEADER_BYTES + 1;
}
