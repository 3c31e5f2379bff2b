// SPDX-License-Identifier: GPL-3.0-or-later
// A stream: its bandwidth, and its datagrams as packets.
#include <errno.h>
#include <string.h>

#include <ts_section.h>

#include "mux/inside.h"

#define PACKET_BITS   (TS_PACKET_BYTES * 8)
#define BURST_MS      500  // of its bandwidth that a stream may save up
#define TELL_AGAIN_MS 1000 // between two exceeded bandwidth

void mux_stream_open(struct mux_stream *stream, uint16_t stream_id, uint8_t data_type, uint64_t now_ms)
{
	stream->open = true;
	stream->stream_id = stream_id;
	stream->data_type = data_type;
	stream->credited_ms = now_ms;
	stream->told_ms = 0;
	mux_stream_allocate(stream, stream->conf.bandwidth_kbps);
	stream->credit_bits = (int64_t)stream->allocated_kbps * BURST_MS;
}

void mux_stream_close(struct mux_stream *stream)
{
	stream->open = false;
	stream->allocated_kbps = 0;
}

// Never nothing: to peers that are known an allocation of 0 is the end.
void mux_stream_allocate(struct mux_stream *stream, uint32_t asked_kbps)
{
	if (asked_kbps > stream->conf.bandwidth_kbps)
		asked_kbps = stream->conf.bandwidth_kbps;
	stream->allocated_kbps = (uint16_t)(asked_kbps > 0 ? asked_kbps : 1);
}

// kbit/s times ms is bits. What a datagram draws below 0 has to be earned before the next one.
static bool within_bandwidth(struct mux_stream *stream, uint64_t now_ms, unsigned packets)
{
	int64_t most = (int64_t)stream->allocated_kbps * BURST_MS;
	uint64_t gone_ms = now_ms - stream->credited_ms;

	stream->credited_ms = now_ms;
	stream->credit_bits += (int64_t)(stream->allocated_kbps * (gone_ms < UINT32_MAX ? gone_ms : UINT32_MAX));
	if (stream->credit_bits > most)
		stream->credit_bits = most;
	if (stream->credit_bits <= 0)
		return false;
	stream->credit_bits -= (int64_t)packets * PACKET_BITS;
	return true;
}

static void hand_over(struct cp_mux *mux, struct mux_stream *stream, const uint8_t (*packets)[TS_PACKET_BYTES],
		      unsigned n)
{
	static const struct sim_error exceeded = {SIM_E_MUX_BANDWIDTH, SIM_P_BANDWIDTH};
	uint64_t now_ms = mux_now_ms(mux);

	if (n == 0)
		return;
	if (within_bandwidth(stream, now_ms, n)) {
		stream->packets += n;
		mux->emm(mux->context, (unsigned)(stream - mux->streams), packets, n);
		return;
	}
	stream->dropped += n;
	if (stream->told_ms == 0 || now_ms - stream->told_ms >= TELL_AGAIN_MS) {
		stream->told_ms = now_ms;
		mux_stream_error(stream->client->session, stream, &exceeded);
	}
}

// One whole section, with a good CRC_32 when its form has one.
static bool good_section(const uint8_t *bytes, size_t n)
{
	struct ts_section section;

	if (n < TS_SECTION_HEADER_BYTES || n > TS_SECTION_MAX_BYTES || ts_section_bytes(bytes) != n || bytes[0] == 0xFF)
		return false;
	return !(bytes[1] & 0x80) || ts_section_parse(&section, bytes, n) == 0;
}

static bool good_packets(const uint8_t *bytes, size_t n)
{
	if (n % TS_PACKET_BYTES != 0)
		return false;
	for (size_t at = 0; at < n; at += TS_PACKET_BYTES)
		if (!ts_packet_synced(bytes + at))
			return false;
	return true;
}

// A datagram of no bytes says nothing: peers end with one.
int mux_stream_data(struct cp_mux *mux, struct mux_stream *stream, const struct sim_msg *msg, struct sim_error *error)
{
	bool packets = stream->client->session->packets;
	size_t position = 0, n, have = 0, bad = 0;
	const uint8_t *bytes;

	while (sim_next(msg, SIM_P_DATAGRAM, &position, &bytes, &n)) {
		stream->datagrams++;
		if (n == 0)
			continue;
		if (!(packets ? good_packets : good_section)(bytes, n)) {
			bad++;
		} else if (packets) {
			hand_over(mux, stream, (const uint8_t(*)[TS_PACKET_BYTES])bytes,
				  (unsigned)(n / TS_PACKET_BYTES));
		} else {
			memcpy(mux->sections + have, bytes, n);
			have += n;
		}
	}
	if (have > 0)
		hand_over(mux, stream, (const uint8_t(*)[TS_PACKET_BYTES])mux->packed,
			  mux_pack(mux->packed, mux->sections, have, &stream->cc));
	if (bad == 0)
		return 0;
	stream->dropped += bad;
	*error = (struct sim_error){SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM};
	return -EBADMSG;
}
