// SPDX-License-Identifier: GPL-3.0-or-later
// A transport stream into a capture of datagrams, timed by its PCR.
//
// The time of a packet lies on the line between the PCRs around it, of the first PID that has any. Over a break of
// the PCR the last rate goes on.
#include <flow_pcap.h>

#include <errno.h>
#include <string.h>

#include <flow_ts.h>
#include <pcap/pcap.h>
#include <ts_rtp.h>

#define GAP_MAX_27MHZ     (INT64_C(10) * 27000000) // more between two PCRs is a break
#define DEFAULT_PKT_27MHZ 20304.0                  // 2 Mbit/s, for a stream without any PCR

struct pace {
	const struct flow_ts *ts;
	int pid;          // of the PCR, -1: none
	size_t from, to;  // packets with the PCRs around
	double at_27mhz;  // time of `from` since the start
	double per_27mhz; // per packet
};

// The next packet after `i` with a PCR of the PID; ts->n when there is none.
static size_t next_pcr(const struct pace *pace, size_t i, uint64_t *pcr)
{
	for (i++; i < pace->ts->n; i++) {
		const uint8_t *p = flow_ts_at(pace->ts, i);

		if (ts_packet_pid(p) == pace->pid && ts_packet_pcr(p, pcr))
			return i;
	}
	return i;
}

// Goes on from the PCR at `to`, with the rate to the next one; there is none behind the last.
static void find_rate(struct pace *pace)
{
	uint64_t then = 0, now = 0;
	int64_t gone;

	pace->from = pace->to;
	pace->to = SIZE_MAX;
	if (!ts_packet_pcr(flow_ts_at(pace->ts, pace->from), &then))
		return;
	size_t next = next_pcr(pace, pace->from, &now);

	if (next == pace->ts->n)
		return;
	pace->to = next;
	gone = ts_packet_pcr_diff(now, then);
	if (gone > 0 && gone <= GAP_MAX_27MHZ && !ts_packet_discontinuity(flow_ts_at(pace->ts, next)))
		pace->per_27mhz = (double)gone / (double)(next - pace->from);
}

static void pace_init(struct pace *pace, const struct flow_ts *ts)
{
	uint64_t pcr;

	*pace = (struct pace){.ts = ts, .pid = -1, .to = SIZE_MAX, .per_27mhz = DEFAULT_PKT_27MHZ};
	for (size_t i = 0; i < ts->n && pace->pid < 0; i++) {
		if (!ts_packet_pcr(flow_ts_at(ts, i), &pcr))
			continue;
		pace->pid = ts_packet_pid(flow_ts_at(ts, i));
		pace->to = i;
		find_rate(pace);
		// The first rate also holds for what stands before the first PCR.
		pace->at_27mhz = pace->per_27mhz * (double)i;
	}
}

// Time of packet `i`; called with rising `i`.
static double pace_27mhz(struct pace *pace, size_t i)
{
	while (i >= pace->to) {
		pace->at_27mhz += pace->per_27mhz * (double)(pace->to - pace->from);
		find_rate(pace);
	}
	return pace->at_27mhz + pace->per_27mhz * ((double)i - (double)pace->from);
}

struct road {
	const struct flow_wrap *wrap;
	pcap_dumper_t *dumper;
	uint16_t count; // datagrams, modulo 2^16
};

static void put_datagram(struct road *road, const uint8_t *packets, size_t n, double at_27mhz)
{
	uint8_t frame[FLOW_FRAME_MAX_BYTES];
	struct pcap_pkthdr header = {0};
	size_t at, rtp = road->wrap->rtp ? TS_RTP_HEADER_BYTES : 0, bytes;
	uint64_t us = (uint64_t)(at_27mhz / 27);

	flow_frame_write(NULL, &at, road->wrap, rtp + n, 0);
	if (rtp) {
		struct ts_rtp rtp_header = {
			.payload_type = TS_RTP_PAYLOAD_TYPE_MP2T,
			.sequence = road->count,
			.timestamp_90khz = (uint32_t)(uint64_t)(at_27mhz / 300),
			.ssrc = 0x42554C4B,
		};

		ts_rtp_write(frame + at, rtp, &rtp_header);
	}
	memcpy(frame + at + rtp, packets, n);
	bytes = flow_frame_write(frame, &at, road->wrap, rtp + n, road->count++);
	header.ts.tv_sec = (time_t)(us / 1000000);
	header.ts.tv_usec = (suseconds_t)(us % 1000000);
	header.caplen = header.len = (bpf_u_int32)bytes;
	pcap_dump((u_char *)road->dumper, &header, frame);
}

int flow_pcap_wrap(const struct flow_wrap *wrap, struct base_errs *errs)
{
	struct road road = {.wrap = wrap};
	struct flow_ts ts = {0};
	struct pace pace;
	pcap_t *pcap = NULL;
	int rc;

	rc = flow_ts_open(&ts, wrap->in, errs);
	if (rc < 0)
		return rc;
	pcap = pcap_open_dead(DLT_EN10MB, 65535);
	road.dumper = pcap ? pcap_dump_open(pcap, wrap->out) : NULL;
	if (!road.dumper) {
		base_errs_add(errs, wrap->out, "%s", pcap ? pcap_geterr(pcap) : strerror(ENOMEM));
		rc = -EIO;
		goto close;
	}
	pace_init(&pace, &ts);
	for (size_t i = 0; i < ts.n; i += FLOW_DATAGRAM_PKTS) {
		size_t n = ts.n - i < FLOW_DATAGRAM_PKTS ? ts.n - i : FLOW_DATAGRAM_PKTS;

		// A datagram leaves when its last packet is there.
		put_datagram(&road, flow_ts_at(&ts, i), n * TS_PACKET_BYTES, pace_27mhz(&pace, i + n - 1));
	}
	if (pcap_dump_flush(road.dumper) < 0) {
		rc = -errno;
		base_errs_add(errs, wrap->out, "cannot write: %s", strerror(errno));
	}
	pcap_dump_close(road.dumper);
close:
	if (pcap)
		pcap_close(pcap);
	flow_ts_close(&ts);
	return rc;
}
