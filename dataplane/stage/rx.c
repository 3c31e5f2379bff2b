// SPDX-License-Identifier: GPL-3.0-or-later
// Frames to datagrams of transport packets, each with its input and with the worker that owns it.
#include "stage/stage.h"

#include <rte_ethdev.h>

#include "stage/frame.h"
#include "stage/owner.h"
#include "stage/sender.h"

// Frames ahead of which what is written beside them is fetched, and then their headers.
enum { AHEAD_MBUF = 8, AHEAD_HEADERS = 4 };

// Datagrams ahead of which the headers of all packets are fetched.
enum { AHEAD_PACKETS = 2 };

// A sequence number further back is no late datagram but a source that began anew (MAX_MISORDER of RFC 3550 A.1).
enum { RTP_LATE_MAX = 100 };

// Reads the frame's headers and finds its input; or the reason to drop (>= 0).
static int find_flow(const struct dp_worker *worker, unsigned port, struct rte_mbuf *mbuf, struct dp_frame *frame,
		     struct dp_input **input)
{
	void *found;
	int reason = mbuf->nb_segs != 1 ? (int)DP_DROP_TRUNCATED
					: dp_frame_parse(frame, rte_pktmbuf_mtod(mbuf, const uint8_t *),
							 rte_pktmbuf_data_len(mbuf));

	if (reason >= 0)
		return reason;
	frame->flow.port = port;
	if (rte_hash_lookup_data(atomic_load(&worker->flows->now), &frame->flow, &found) < 0)
		return DP_DROP_NO_INPUT;
	*input = found;
	if ((*input)->conf->source && (*input)->conf->source != frame->source)
		return DP_DROP_WRONG_SOURCE;
	return -1;
}

// Cuts the mbuf to its transport packets; or the reason to drop (>= 0).
static int cut(struct rte_mbuf *mbuf, const struct dp_frame *frame, enum dp_encapsulation encapsulation)
{
	struct dp_dgram *dgram = dp_dgram_of(mbuf);
	struct dp_frame_ts ts;
	int reason = dp_frame_packets(&ts, frame, rte_pktmbuf_mtod(mbuf, const uint8_t *), encapsulation);

	if (reason >= 0)
		return reason;
	dgram->source = frame->source;
	dgram->rtp = ts.rtp;
	dgram->rtp_sequence = ts.rtp_sequence;
	dgram->ts_offset = ts.offset;
	rte_pktmbuf_trim(mbuf, (uint16_t)(rte_pktmbuf_data_len(mbuf) - ts.offset - ts.bytes));
	return -1;
}

// Main answers queries; what other hosts report is theirs.
static void take_igmp(struct dp_worker *worker, unsigned port, struct rte_mbuf *mbuf, const struct dp_frame *frame)
{
	dp_count(&worker->stats.igmp_pkts, 1);
	if (frame->igmp_query)
		atomic_store_explicit(&worker->port[port].queried, true, memory_order_relaxed);
	rte_pktmbuf_free(mbuf);
}

// The input of a frame with its transport packets found, or NULL and the frame taken or dropped.
static struct dp_input *find_input(struct dp_worker *worker, unsigned port, struct rte_mbuf *mbuf)
{
	struct dp_input *input = worker->port[port].file_input;
	struct dp_frame frame = {0};
	int reason;

	dp_dgram_of(mbuf)->rtp = false;
	dp_dgram_of(mbuf)->ts_offset = 0;
	dp_dgram_of(mbuf)->source = 0;
	if (input)
		return input;
	reason = find_flow(worker, port, mbuf, &frame, &input);
	if (frame.igmp) {
		take_igmp(worker, port, mbuf, &frame);
		return NULL;
	}
	if (reason < 0)
		reason = cut(mbuf, &frame, input->conf->encapsulation);
	if (reason < 0)
		return input;
	dp_drop_datagram(worker->stats.drops, mbuf, (enum dp_drop)reason);
	return NULL;
}

static void fetch_mbuf(struct rte_mbuf *mbuf)
{
	rte_prefetch0(mbuf);
	rte_prefetch0(dp_dgram_of(mbuf));
}

unsigned dp_stage_rx(struct dp_worker *worker, unsigned port, struct rte_mbuf **mbufs, unsigned n)
{
	unsigned mine = 0;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = mbufs[i];

		if (i + AHEAD_MBUF < n)
			fetch_mbuf(mbufs[i + AHEAD_MBUF]);
		if (i + AHEAD_HEADERS < n)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + AHEAD_HEADERS], void *));
		struct dp_input *input = find_input(worker, port, mbuf);

		if (!input)
			continue;
		dp_dgram_of(mbuf)->input = input;
		dp_dgram_of(mbuf)->arrived_tick = worker->lap_tick;
		if (dp_owner_takes(worker, mbuf, false))
			mbufs[mine++] = mbuf;
	}
	return mine;
}

static void follow_rtp(struct dp_input *input, const struct dp_dgram *dgram)
{
	int16_t ahead = (int16_t)(dgram->rtp_sequence - input->rtp_sequence);

	if (input->rtp_started && ahead < 0 && ahead >= -RTP_LATE_MAX) {
		dp_count(&input->stats.rtp_late, 1);
		return;
	}
	if (input->rtp_started && ahead > 0)
		dp_count(&input->stats.rtp_gaps, (uint64_t)ahead);
	input->rtp_started = true;
	input->rtp_sequence = (uint16_t)(dgram->rtp_sequence + 1);
}

// Fetches the first line of every transport packet, for classify.
static void prefetch_packets(struct rte_mbuf *mbuf)
{
	const uint8_t *bytes = rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, dp_dgram_of(mbuf)->ts_offset);

	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++)
		rte_prefetch0(bytes + i * TS_PACKET_BYTES);
}

static void unpack(struct dp_pkt *pkt, struct rte_mbuf *mbuf, struct dp_input *input, const uint8_t *bytes)
{
	uint32_t header = base_bytes_get32(bytes);

	*pkt = (struct dp_pkt){.bytes = bytes,
			       .mbuf = mbuf,
			       .input = input,
			       .pid = &input->pid[header >> 8 & (TS_PIDS - 1)],
			       .header = header};
	__builtin_prefetch(pkt->pid, 1);
}

void dp_stage_unpack(struct dp_worker *worker, struct rte_mbuf **mbufs, unsigned n)
{
	worker->pkts = 0;
	for (unsigned i = 0; i < n; i++) {
		struct dp_dgram *dgram = dp_dgram_of(mbufs[i]);
		const uint8_t *bytes = rte_pktmbuf_mtod_offset(mbufs[i], const uint8_t *, dgram->ts_offset);

		if (i + AHEAD_PACKETS < n)
			prefetch_packets(mbufs[i + AHEAD_PACKETS]);
		unsigned packets = (rte_pktmbuf_data_len(mbufs[i]) - dgram->ts_offset) / TS_PACKET_BYTES;

		dgram->users = 1;
		if (!dp_sender_follow(worker, dgram))
			continue;
		dp_count(&dgram->input->stats.datagrams, 1);
		if (dgram->rtp)
			follow_rtp(dgram->input, dgram);
		for (unsigned k = 0; k < packets; k++)
			unpack(&worker->pkt[worker->pkts++], mbufs[i], dgram->input, bytes + k * TS_PACKET_BYTES);
	}
	dp_count(&worker->stats.ts_pkts, worker->pkts);
}

void dp_stage_release(struct rte_mbuf **mbufs, unsigned n)
{
	struct rte_mbuf *done[DP_BURST];
	unsigned n_done = 0;

	for (unsigned i = 0; i < n; i++)
		if (dp_dgram_done(mbufs[i]))
			done[n_done++] = mbufs[i];
	rte_pktmbuf_free_bulk(done, n_done);
}
