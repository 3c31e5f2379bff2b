// SPDX-License-Identifier: GPL-3.0-or-later
// Frames to datagrams of transport packets: Ethernet, VLAN, IPv4, UDP, RTP. Checksums are not looked at: datagrams
// from a kernel on the same machine carry partial ones.
#include "stage/stage.h"

#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include <base_bytes.h>
#include <ts_rtp.h>

#include "port/igmp.h"

// A datagram's way through the headers.
struct parsed {
	struct dp_flow flow;
	uint32_t source;
	uint16_t offset; // of the UDP payload
	uint16_t bytes;  // of it
	bool igmp, igmp_query;
};

static int parse_udp(struct parsed *out, const uint8_t *frame, uint16_t length, uint16_t at)
{
	const uint8_t *ip = frame + at;

	if (length < at + 20)
		return DP_DROP_TRUNCATED;
	unsigned header = (ip[0] & 0x0F) * 4u, total = base_bytes_get16(ip + 2);

	if (ip[0] >> 4 != 4 || header < 20)
		return DP_DROP_NOT_IPV4;
	if (base_bytes_get16(ip + 6) & 0x3FFF) // more fragments, or an offset
		return DP_DROP_FRAGMENT;
	if (total > (unsigned)length - at || total < header + 8)
		return DP_DROP_TRUNCATED;
	if (ip[9] != IPPROTO_UDP) {
		out->igmp = ip[9] == IPPROTO_IGMP;
		out->igmp_query = out->igmp && dp_igmp_is_query(ip + header, total - header);
		return DP_DROP_NOT_UDP;
	}
	const uint8_t *udp = ip + header;
	unsigned udp_bytes = base_bytes_get16(udp + 4);

	if (udp_bytes < 8 || udp_bytes > total - header)
		return DP_DROP_TRUNCATED;
	out->source = base_bytes_get32(ip + 12);
	out->flow.group = base_bytes_get32(ip + 16);
	out->flow.udp_port = base_bytes_get16(udp + 2);
	out->offset = (uint16_t)(at + header + 8);
	out->bytes = (uint16_t)(udp_bytes - 8);
	return -1;
}

// Fills *out, or returns the reason to drop (>= 0).
static int parse_frame(struct parsed *out, struct rte_mbuf *mbuf)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	uint16_t length = rte_pktmbuf_data_len(mbuf), at = 14;

	if (mbuf->nb_segs != 1 || length < at)
		return DP_DROP_TRUNCATED;
	uint16_t type = base_bytes_get16(frame + 12);

	if (type == RTE_ETHER_TYPE_VLAN) {
		if (length < 18)
			return DP_DROP_TRUNCATED;
		out->flow.vlan = base_bytes_get16(frame + 14) & 0x0FFF;
		type = base_bytes_get16(frame + 16);
		at = 18;
	}
	if (type != RTE_ETHER_TYPE_IPV4)
		return DP_DROP_NOT_IPV4;
	return parse_udp(out, frame, length, at);
}

// Cuts the mbuf to its transport packets; false when it has none.
static bool find_packets(const struct dp_input *input, struct rte_mbuf *mbuf, const struct parsed *parsed)
{
	const uint8_t *payload = rte_pktmbuf_mtod(mbuf, const uint8_t *) + parsed->offset;
	unsigned offset = 0, bytes = parsed->bytes;
	enum dp_encapsulation encapsulation = input->conf->encapsulation;
	struct ts_rtp rtp;

	if (encapsulation == DP_ENCAP_AUTO)
		encapsulation = bytes && payload[0] == TS_SYNC_BYTE ? DP_ENCAP_UDP : DP_ENCAP_RTP;
	if (encapsulation == DP_ENCAP_RTP) {
		if (ts_rtp_parse(&rtp, payload, bytes))
			return false;
		dp_dgram_of(mbuf)->rtp = true;
		dp_dgram_of(mbuf)->rtp_sequence = rtp.sequence;
		offset = rtp.payload_offset;
		bytes = rtp.payload_bytes;
	}
	if (bytes == 0 || bytes % TS_PACKET_BYTES || bytes > DP_DGRAM_TS_BYTES)
		return false;
	dp_dgram_of(mbuf)->ts_offset = (uint16_t)(parsed->offset + offset);
	rte_pktmbuf_trim(mbuf, (uint16_t)(rte_pktmbuf_data_len(mbuf) - parsed->offset - offset - bytes));
	return true;
}

// Main answers queries; what other hosts report is theirs.
static void take_igmp(struct dp_worker *worker, unsigned port, struct rte_mbuf *mbuf, const struct parsed *parsed)
{
	worker->stats.igmp_pkts++;
	if (parsed->igmp_query)
		atomic_store_explicit(&worker->port[port].queried, true, memory_order_relaxed);
	rte_pktmbuf_free(mbuf);
}

// The input of a frame with its transport packets found, or NULL and the frame dropped.
static struct dp_input *find_input(struct dp_worker *worker, unsigned port, struct rte_mbuf *mbuf)
{
	struct parsed parsed = {.flow = {.port = port}};
	struct dp_input *input = worker->port[port].file_input;
	void *found;
	int reason;

	dp_dgram_of(mbuf)->rtp = false;
	dp_dgram_of(mbuf)->ts_offset = 0;
	if (input)
		return input;
	reason = parse_frame(&parsed, mbuf);
	if (parsed.igmp) {
		take_igmp(worker, port, mbuf, &parsed);
		return NULL;
	}
	if (reason >= 0) {
		dp_drop_datagram(worker->stats.drops, mbuf, (enum dp_drop)reason);
		return NULL;
	}
	if (rte_hash_lookup_data(worker->inputs, &parsed.flow, &found) < 0) {
		dp_drop_datagram(worker->stats.drops, mbuf, DP_DROP_NO_INPUT);
		return NULL;
	}
	input = found;
	if (input->conf->source && input->conf->source != parsed.source) {
		dp_drop_datagram(worker->stats.drops, mbuf, DP_DROP_WRONG_SOURCE);
		return NULL;
	}
	if (!find_packets(input, mbuf, &parsed)) {
		dp_drop_datagram(worker->stats.drops, mbuf, DP_DROP_NOT_TS);
		return NULL;
	}
	return input;
}

unsigned dp_stage_rx(struct dp_worker *worker, unsigned port, struct rte_mbuf **mbufs, unsigned n)
{
	unsigned mine = 0;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = mbufs[i];
		struct dp_input *input = find_input(worker, port, mbuf);

		if (!input)
			continue;
		dp_dgram_of(mbuf)->input = input;
		if (input->worker == worker->index) {
			mbufs[mine++] = mbuf;
		} else if (rte_ring_enqueue(worker->workers[input->worker].handover, mbuf)) {
			dp_drop_datagram(worker->stats.drops, mbuf, DP_DROP_HANDOVER_FULL);
		} else {
			worker->stats.handed_over++;
		}
	}
	return mine;
}

static void follow_rtp(struct dp_input *input, const struct dp_dgram *dgram)
{
	if (input->rtp_started)
		input->stats.rtp_gaps += (uint16_t)(dgram->rtp_sequence - input->rtp_sequence);
	input->rtp_started = true;
	input->rtp_sequence = (uint16_t)(dgram->rtp_sequence + 1);
}

void dp_stage_unpack(struct dp_worker *worker, struct rte_mbuf **mbufs, unsigned n)
{
	worker->pkts = 0;
	for (unsigned i = 0; i < n; i++) {
		struct dp_dgram *dgram = dp_dgram_of(mbufs[i]);
		const uint8_t *bytes = rte_pktmbuf_mtod_offset(mbufs[i], const uint8_t *, dgram->ts_offset);
		unsigned packets = (rte_pktmbuf_data_len(mbufs[i]) - dgram->ts_offset) / TS_PACKET_BYTES;

		dgram->users = 1;
		dgram->input->stats.datagrams++;
		if (dgram->rtp)
			follow_rtp(dgram->input, dgram);
		for (unsigned k = 0; k < packets; k++)
			worker->pkt[worker->pkts++] = (struct dp_pkt){.bytes = bytes + k * TS_PACKET_BYTES,
								      .mbuf = mbufs[i],
								      .input = dgram->input};
	}
	worker->stats.ts_pkts += worker->pkts;
}

void dp_stage_release(struct dp_worker *worker, struct rte_mbuf **mbufs, unsigned n)
{
	(void)worker;
	for (unsigned i = 0; i < n; i++)
		if (--dp_dgram_of(mbufs[i])->users == 0)
			rte_pktmbuf_free(mbufs[i]);
}
