// SPDX-License-Identifier: GPL-3.0-or-later
// RTP header. See ts_rtp.h.
//
// Refs: RFC 3550 clauses 5.1 and 5.3.1.
#include <errno.h>

#include <base_bytes.h>
#include <ts_rtp.h>

enum {
	VERSION = 2,
	FLAG_PADDING = 0x20,
	FLAG_EXTENSION = 0x10,
	FLAG_MARKER = 0x80,
	WORD_BYTES = 4, // CSRC identifiers and extensions are counted in words
};

// Where the payload starts, after CSRC list and header extension; or -EBADMSG.
static int payload_offset(const uint8_t *p, size_t n)
{
	size_t offset = TS_RTP_HEADER_BYTES + (size_t)(p[0] & 0x0F) * WORD_BYTES;

	if (offset > n)
		return -EBADMSG;
	if (!(p[0] & FLAG_EXTENSION))
		return (int)offset;
	if (n - offset < WORD_BYTES)
		return -EBADMSG;
	offset += WORD_BYTES + (size_t)base_bytes_get16(p + offset + 2) * WORD_BYTES;
	return offset <= n ? (int)offset : -EBADMSG;
}

int ts_rtp_parse(struct ts_rtp *out, const uint8_t *datagram, size_t n)
{
	if (n < TS_RTP_HEADER_BYTES || n > UINT16_MAX || datagram[0] >> 6 != VERSION)
		return -EBADMSG;

	int offset = payload_offset(datagram, n);

	if (offset < 0)
		return offset;

	size_t payload = n - (size_t)offset;

	if (datagram[0] & FLAG_PADDING) {
		// The last byte counts the padding and itself.
		uint8_t padding = datagram[n - 1];

		if (padding == 0 || padding > payload)
			return -EBADMSG;
		payload -= padding;
	}
	*out = (struct ts_rtp){
		.marker = datagram[1] & FLAG_MARKER,
		.payload_type = datagram[1] & 0x7F,
		.sequence = base_bytes_get16(datagram + 2),
		.timestamp_90khz = base_bytes_get32(datagram + 4),
		.ssrc = base_bytes_get32(datagram + 8),
		.payload_offset = (uint16_t)offset,
		.payload_bytes = (uint16_t)payload,
	};
	return 0;
}

int ts_rtp_write(uint8_t *out, size_t capacity, const struct ts_rtp *rtp)
{
	if (capacity < TS_RTP_HEADER_BYTES)
		return -ENOSPC;
	out[0] = VERSION << 6;
	out[1] = (uint8_t)((rtp->marker ? FLAG_MARKER : 0) | (rtp->payload_type & 0x7F));
	base_bytes_put16(out + 2, rtp->sequence);
	base_bytes_put32(out + 4, rtp->timestamp_90khz);
	base_bytes_put32(out + 8, rtp->ssrc);
	return TS_RTP_HEADER_BYTES;
}
