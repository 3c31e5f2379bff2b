// SPDX-License-Identifier: GPL-3.0-or-later
#include "stage/frame.h"

#include <netinet/in.h>

#include <rte_ether.h>

#include <base_bytes.h>
#include <ts_rtp.h>

#include "port/igmp.h"

enum { ETHERNET_BYTES = 14, VLAN_BYTES = 4, IPV4_MIN_BYTES = 20, UDP_BYTES = 8 };

static int parse_udp(struct dp_frame *out, const uint8_t *frame, size_t length, size_t at)
{
	const uint8_t *ip = frame + at;

	if (length < at + IPV4_MIN_BYTES)
		return DP_DROP_TRUNCATED;
	size_t header = (ip[0] & 0x0F) * 4u, total = base_bytes_get16(ip + 2);

	if (ip[0] >> 4 != 4 || header < IPV4_MIN_BYTES)
		return DP_DROP_NOT_IPV4;
	if (base_bytes_get16(ip + 6) & 0x3FFF) // more fragments, or an offset
		return DP_DROP_FRAGMENT;
	if (total > length - at || total < header + UDP_BYTES)
		return DP_DROP_TRUNCATED;
	if (ip[9] != IPPROTO_UDP) {
		out->igmp = ip[9] == IPPROTO_IGMP;
		out->igmp_query = out->igmp && dp_igmp_is_query(ip + header, total - header);
		return DP_DROP_NOT_UDP;
	}
	const uint8_t *udp = ip + header;
	size_t udp_bytes = base_bytes_get16(udp + 4);

	if (udp_bytes < UDP_BYTES || udp_bytes > total - header)
		return DP_DROP_TRUNCATED;
	out->source = base_bytes_get32(ip + 12);
	out->flow.group = base_bytes_get32(ip + 16);
	out->flow.udp_port = base_bytes_get16(udp + 2);
	out->offset = (uint16_t)(at + header + UDP_BYTES);
	out->bytes = (uint16_t)(udp_bytes - UDP_BYTES);
	return -1;
}

int dp_frame_parse(struct dp_frame *out, const uint8_t *frame, size_t length)
{
	size_t at = ETHERNET_BYTES;

	*out = (struct dp_frame){0};
	if (length < at || length > UINT16_MAX)
		return DP_DROP_TRUNCATED;
	uint16_t type = base_bytes_get16(frame + 12);

	if (type == RTE_ETHER_TYPE_VLAN) {
		if (length < ETHERNET_BYTES + VLAN_BYTES)
			return DP_DROP_TRUNCATED;
		out->flow.vlan = base_bytes_get16(frame + 14) & 0x0FFF;
		type = base_bytes_get16(frame + 16);
		at += VLAN_BYTES;
	}
	if (type != RTE_ETHER_TYPE_IPV4)
		return DP_DROP_NOT_IPV4;
	return parse_udp(out, frame, length, at);
}

// Transport packets from the first byte on. One lost sync byte at the head must not cost the packets behind it.
static bool starts_with_packets(const uint8_t *payload, size_t n)
{
	if (n > 0 && payload[0] == TS_SYNC_BYTE)
		return true;
	return n > TS_PACKET_BYTES && n % TS_PACKET_BYTES == 0 && payload[TS_PACKET_BYTES] == TS_SYNC_BYTE;
}

int dp_frame_packets(struct dp_frame_ts *out, const struct dp_frame *frame, const uint8_t *bytes,
		     enum dp_encapsulation encapsulation)
{
	const uint8_t *payload = bytes + frame->offset;
	struct ts_rtp rtp;

	*out = (struct dp_frame_ts){.offset = frame->offset, .bytes = frame->bytes};
	if (encapsulation == DP_ENCAP_AUTO)
		encapsulation = starts_with_packets(payload, out->bytes) ? DP_ENCAP_UDP : DP_ENCAP_RTP;
	if (encapsulation == DP_ENCAP_RTP) {
		if (ts_rtp_parse(&rtp, payload, out->bytes))
			return DP_DROP_NOT_TS;
		out->rtp = true;
		out->rtp_sequence = rtp.sequence;
		out->offset = (uint16_t)(out->offset + rtp.payload_offset);
		out->bytes = rtp.payload_bytes;
	}
	if (out->bytes == 0 || out->bytes % TS_PACKET_BYTES || out->bytes > DP_DGRAM_TS_BYTES)
		return DP_DROP_NOT_TS;
	return -1;
}
