// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ts_pat.h>
#include <ts_pmt.h>

#include "port/header.h"

enum {
	LAP_DATAGRAMS = 4096, // of all services together, unless a lap would get shorter than the PSI interval
	PCR_MS = 40,
	PSI_MS = 100,
	AUDIO_EVERY = 16,          // of the packets that are neither PSI nor null
	VIDEO_STUFFED_EVERY = 100, // ends of PES packets
	AUDIO_STUFFED_EVERY = 10,
	STUFFING_MAX_BYTES = 150,
	PCR_FIELD_BYTES = 8, // length, flags, PCR
};

// Where the lap being made stands.
struct maker {
	const struct bench_shape *shape;
	struct bench_frame *frame;
	uint64_t random;
	unsigned packet; // of the lap
	unsigned psi_pkts, pcr_pkts;
	unsigned psi_due, pcr_due; // packet numbers
	bool pmt_due;
	unsigned nulls; // hundredths of a null packet owed
	unsigned streamed, videos, audios;
};

// xorshift64*: fast, and the same in every run.
static uint64_t draw(struct maker *maker)
{
	maker->random ^= maker->random >> 12;
	maker->random ^= maker->random << 25;
	maker->random ^= maker->random >> 27;
	return maker->random * UINT64_C(0x2545F4914F6CDD1D);
}

static void put_pat(uint8_t *p)
{
	struct ts_pat pat = {.transport_stream_id = 1, .current = true, .n = 1};
	uint8_t section[64], cc = 0;

	pat.program[0].number = BENCH_PROGRAM;
	pat.program[0].pid = BENCH_PMT_PID;
	int n = ts_pat_write(section, sizeof(section), &pat);

	ts_section_packetize((uint8_t(*)[TS_PACKET_BYTES])p, 1, section, (size_t)n, TS_PID_PAT, &cc);
}

static void put_pmt(uint8_t *p)
{
	struct ts_pmt pmt = {.program_number = BENCH_PROGRAM, .current = true, .pcr_pid = BENCH_VIDEO_PID, .n = 2};
	uint8_t section[64], cc = 0;

	pmt.stream[0] = (struct ts_pmt_stream){.stream_type = 0x1B, .pid = BENCH_VIDEO_PID}; // H.264
	pmt.stream[1] = (struct ts_pmt_stream){.stream_type = 0x0F, .pid = BENCH_AUDIO_PID}; // AAC, ADTS
	int n = ts_pmt_write(section, sizeof(section), &pmt);

	ts_section_packetize((uint8_t(*)[TS_PACKET_BYTES])p, 1, section, (size_t)n, BENCH_PMT_PID, &cc);
}

// A packet of an elementary stream with an adaptation field of `field_bytes`, its length byte included; 0: none.
static void put_stream(struct maker *maker, uint8_t *p, uint16_t pid, unsigned field_bytes, bool pcr)
{
	p[0] = TS_SYNC_BYTE;
	p[1] = 0;
	ts_packet_set_pid(p, pid);
	p[3] = (uint8_t)((field_bytes ? TS_AFC_BOTH : TS_AFC_PAYLOAD) << 4);
	for (unsigned at = TS_HEADER_BYTES; at < TS_PACKET_BYTES; at++)
		p[at] = (uint8_t)(draw(maker) >> 56);
	if (field_bytes == 0)
		return;
	p[4] = (uint8_t)(field_bytes - 1);
	memset(p + 5, 0xFF, field_bytes - 1);
	p[5] = pcr ? 0x10 : 0x00;
}

static enum bench_kind put_elementary(struct maker *maker, uint8_t *p)
{
	bool video = ++maker->streamed % AUDIO_EVERY != 0;
	unsigned count = video ? ++maker->videos : ++maker->audios;
	bool stuffed = count % (video ? VIDEO_STUFFED_EVERY : AUDIO_STUFFED_EVERY) == 0;
	unsigned field = stuffed ? 2 + (unsigned)(draw(maker) >> 32) % (STUFFING_MAX_BYTES - 1) : 0;

	put_stream(maker, p, video ? BENCH_VIDEO_PID : BENCH_AUDIO_PID, field, false);
	return video ? BENCH_VIDEO : BENCH_AUDIO;
}

static enum bench_kind put_packet(struct maker *maker, uint8_t *p, bool *pcr)
{
	*pcr = false;
	if (maker->packet >= maker->psi_due) {
		maker->psi_due += maker->psi_pkts;
		maker->pmt_due = true;
		put_pat(p);
		return BENCH_PAT;
	}
	if (maker->pmt_due) {
		maker->pmt_due = false;
		put_pmt(p);
		return BENCH_PMT;
	}
	if (maker->packet >= maker->pcr_due) {
		maker->pcr_due += maker->pcr_pkts;
		*pcr = true;
		put_stream(maker, p, BENCH_VIDEO_PID, PCR_FIELD_BYTES, true);
		return BENCH_VIDEO;
	}
	maker->nulls += maker->shape->null_percent;
	if (maker->nulls >= 100) {
		maker->nulls -= 100;
		ts_packet_null(p);
		return BENCH_NULL;
	}
	return put_elementary(maker, p);
}

static void make_frame(struct maker *maker, const uint8_t *header)
{
	struct bench_frame *frame = maker->frame++;
	bool pcr;

	memcpy(frame->bytes, header, BENCH_HEADER_BYTES);
	frame->pcr_slot = -1;
	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++, maker->packet++) {
		uint8_t *p = frame->bytes + BENCH_HEADER_BYTES + i * TS_PACKET_BYTES;

		frame->kind[i] = (uint8_t)put_packet(maker, p, &pcr);
		if (pcr)
			frame->pcr_slot = (int8_t)i;
	}
}

static unsigned pkts_of(unsigned rate_kbps, unsigned ms)
{
	return rate_kbps * ms / (TS_PACKET_BYTES * 8);
}

int bench_stream_init(struct bench_stream *stream, const struct bench_shape *shape)
{
	static const struct rte_ether_addr from = {{0x02, 0, 0, 0, 0, 0x01}};
	struct dp_conf_output sender = {.group = shape->group,
					.udp_port = shape->udp_port,
					.source = 0x0A000101,
					.source_udp_port = shape->udp_port,
					.ttl = 16};
	struct maker maker = {.shape = shape,
			      .random = UINT64_C(0x9E3779B97F4A7C15) * (shape->index + 1),
			      .psi_pkts = pkts_of(shape->rate_kbps, PSI_MS),
			      .pcr_pkts = pkts_of(shape->rate_kbps, PCR_MS),
			      .pcr_due = 2};
	uint8_t header[DP_DGRAM_HEADER_MAX_BYTES];
	unsigned lap = LAP_DATAGRAMS / shape->services, shortest = maker.psi_pkts / DP_DGRAM_SLOTS + 1;

	*stream = (struct bench_stream){
		.frames = lap > shortest ? lap : shortest,
		.pkt_27mhz = UINT64_C(27000) * TS_PACKET_BYTES * 8 / shape->rate_kbps,
	};
	stream->start = stream->frames * shape->index / shape->services;
	stream->frame = aligned_alloc(64, stream->frames * sizeof(*stream->frame));
	if (!stream->frame)
		return -ENOMEM;
	dp_header_make(header, &sender, &from);
	maker.frame = stream->frame;
	for (unsigned i = 0; i < stream->frames; i++)
		make_frame(&maker, header);
	return 0;
}

void bench_stream_fini(struct bench_stream *stream)
{
	free(stream->frame);
	*stream = (struct bench_stream){0};
}

void bench_stream_next(struct bench_stream *stream, uint8_t *out)
{
	const struct bench_frame *frame = &stream->frame[stream->at];
	uint8_t *packets = out + BENCH_HEADER_BYTES;

	memcpy(out, frame->bytes, BENCH_FRAME_BYTES);
	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++)
		ts_packet_set_cc(packets + i * TS_PACKET_BYTES, stream->cc[frame->kind[i]]++);
	if (frame->pcr_slot >= 0)
		ts_packet_set_pcr(packets + frame->pcr_slot * TS_PACKET_BYTES,
				  (stream->sent_pkts + (unsigned)frame->pcr_slot) * stream->pkt_27mhz);
	stream->at = stream->sent_pkts == 0 ? stream->start : stream->at + 1;
	if (stream->at >= stream->frames)
		stream->at = 0;
	stream->sent_pkts += DP_DGRAM_SLOTS;
}
