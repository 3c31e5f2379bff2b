// SPDX-License-Identifier: GPL-3.0-or-later
// One datagram: whole transport packets, alone or behind an RTP header whose sequence is watched.
#include <stb_input.h>

#include <string.h>

#include <ts_packet.h>
#include <ts_rtp.h>

static bool whole_packets(const uint8_t *bytes, size_t n)
{
	if (n == 0 || n % TS_PACKET_BYTES != 0 || n / TS_PACKET_BYTES > STB_INPUT_MAX_PKTS)
		return false;
	for (size_t i = 0; i < n; i += TS_PACKET_BYTES)
		if (bytes[i] != TS_SYNC_BYTE)
			return false;
	return true;
}

static void watch_sequence(struct stb_input *in, uint16_t sequence)
{
	uint16_t gap = (uint16_t)(sequence - in->rtp_sequence - 1);

	if (in->counts.rtp && gap != 0) {
		in->counts.rtp_gaps++;
		// A step back is a late or repeated datagram, not 65,000 lost ones.
		in->counts.rtp_lost += gap < 0x8000 ? gap : 0;
	}
	in->counts.rtp = true;
	in->rtp_sequence = sequence;
}

int stb_input_datagram(struct stb_input *in, uint8_t *packets, const uint8_t *datagram, size_t n)
{
	struct ts_rtp rtp;

	in->counts.datagrams++;
	if (!whole_packets(datagram, n)) {
		if (ts_rtp_parse(&rtp, datagram, n) < 0 ||
		    !whole_packets(datagram + rtp.payload_offset, rtp.payload_bytes)) {
			in->counts.refused++;
			return 0;
		}
		watch_sequence(in, rtp.sequence);
		datagram += rtp.payload_offset;
		n = rtp.payload_bytes;
	}
	memcpy(packets, datagram, n);
	return (int)(n / TS_PACKET_BYTES);
}
