// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ts_pat.h>
#include <ts_pmt.h>

#include "port/header.h"

enum {
	LAP_DATAGRAMS = 4096, // of all inputs together
	LAP_MIN = 8,
	AUDIO_EVERY = 16,          // of a programme's packets
	VIDEO_STUFFED_EVERY = 100, // ends of PES packets
	AUDIO_STUFFED_EVERY = 10,
	STUFFING_MAX_BYTES = 150,
	PCR_FIELD_BYTES = 8, // length, flags, PCR
	// Indexes of continuity counters; those of the programmes follow.
	COUNTER_NULL = 0,
	COUNTER_PAT = 1,
	COUNTER_FIRST = 2,
};

// Where the lap being made stands.
struct maker {
	const struct bench_shape *shape;
	uint64_t random;
	unsigned nulls; // hundredths of a null packet owed
	unsigned turn;  // of the programmes
	unsigned pkts[BENCH_PROGRAMMES_MAX][BENCH_PIDS];
};

// xorshift64*: fast, and the same in every run.
static uint64_t draw(struct maker *maker)
{
	maker->random ^= maker->random >> 12;
	maker->random ^= maker->random << 25;
	maker->random ^= maker->random >> 27;
	return maker->random * UINT64_C(0x2545F4914F6CDD1D);
}

static uint8_t *packet_of(struct bench_frame *frame, unsigned slot)
{
	return frame->bytes + BENCH_HEADER_BYTES + slot * TS_PACKET_BYTES;
}

static void put_section(struct bench_frame *frame, unsigned slot, const uint8_t *section, int n, uint16_t pid)
{
	uint8_t cc = 0;

	ts_section_packetize((uint8_t(*)[TS_PACKET_BYTES])packet_of(frame, slot), 1, section, (size_t)n, pid, &cc);
}

static void put_pat(const struct bench_shape *shape, struct bench_frame *frame, unsigned slot)
{
	struct ts_pat pat = {.transport_stream_id = 1, .current = true, .n = shape->programmes};
	uint8_t section[128];

	for (unsigned i = 0; i < shape->programmes; i++) {
		pat.program[i].number = (uint16_t)(i + 1);
		pat.program[i].pid = bench_pid(i, BENCH_PMT);
	}
	put_section(frame, slot, section, ts_pat_write(section, sizeof(section), &pat), TS_PID_PAT);
	frame->counter[slot] = COUNTER_PAT;
}

static void put_pmt(struct bench_frame *frame, unsigned slot, unsigned programme)
{
	struct ts_pmt pmt = {.program_number = (uint16_t)(programme + 1),
			     .current = true,
			     .pcr_pid = bench_pid(programme, BENCH_VIDEO),
			     .n = 2};
	uint8_t section[128];

	pmt.stream[0] = (struct ts_pmt_stream){.stream_type = 0x1B, .pid = bench_pid(programme, BENCH_VIDEO)}; // H.264
	pmt.stream[1] = (struct ts_pmt_stream){.stream_type = 0x0F, .pid = bench_pid(programme, BENCH_AUDIO)}; // AAC
	put_section(frame, slot, section, ts_pmt_write(section, sizeof(section), &pmt),
		    bench_pid(programme, BENCH_PMT));
	frame->counter[slot] = (uint8_t)(COUNTER_FIRST + programme * BENCH_PIDS + BENCH_PMT);
}

// A packet of an elementary stream with an adaptation field of `field_bytes`, its length byte included; 0: none.
static void put_elementary(struct maker *maker, struct bench_frame *frame, unsigned slot, unsigned programme,
			   enum bench_pid which, unsigned field_bytes)
{
	uint8_t *p = packet_of(frame, slot);

	p[0] = TS_SYNC_BYTE;
	p[1] = 0;
	ts_packet_set_pid(p, bench_pid(programme, which));
	p[3] = (uint8_t)((field_bytes ? TS_AFC_BOTH : TS_AFC_PAYLOAD) << 4);
	for (unsigned at = TS_HEADER_BYTES; at < TS_PACKET_BYTES; at++)
		p[at] = (uint8_t)(draw(maker) >> 56);
	frame->counter[slot] = (uint8_t)(COUNTER_FIRST + programme * BENCH_PIDS + which);
	frame->tag_offset[slot] = (uint8_t)(TS_HEADER_BYTES + field_bytes);
	if (field_bytes == 0)
		return;
	p[4] = (uint8_t)(field_bytes - 1);
	p[5] = 0;
	memset(p + 6, 0xFF, field_bytes - 2);
}

static void put_next(struct maker *maker, struct bench_frame *frame, unsigned slot)
{
	unsigned programme = maker->turn++ % maker->shape->programmes;
	bool video = ++maker->pkts[programme][BENCH_PMT] % AUDIO_EVERY != 0;
	enum bench_pid which = video ? BENCH_VIDEO : BENCH_AUDIO;
	bool stuffed = ++maker->pkts[programme][which] % (video ? VIDEO_STUFFED_EVERY : AUDIO_STUFFED_EVERY) == 0;
	unsigned field = stuffed ? 2 + (unsigned)(draw(maker) >> 32) % (STUFFING_MAX_BYTES - 1) : 0;

	put_elementary(maker, frame, slot, programme, which, field);
}

static void put_next_or_null(struct maker *maker, struct bench_frame *frame, unsigned slot)
{
	maker->nulls += maker->shape->null_percent;
	if (maker->nulls < 100) {
		put_next(maker, frame, slot);
		return;
	}
	maker->nulls -= 100;
	ts_packet_null(packet_of(frame, slot));
	frame->counter[slot] = COUNTER_NULL;
}

static void make_frames(struct bench_stream *stream, struct maker *maker, const uint8_t *header)
{
	const struct bench_shape *shape = &stream->shape;
	struct bench_frame *psi = &stream->frame[stream->lap], *pcr = psi + 1;

	for (unsigned i = 0; i < stream->lap + 2; i++)
		memcpy(stream->frame[i].bytes, header, BENCH_HEADER_BYTES);
	for (unsigned i = 0; i < stream->lap; i++)
		for (unsigned slot = 0; slot < DP_DGRAM_SLOTS; slot++)
			put_next_or_null(maker, &stream->frame[i], slot);
	put_pat(shape, psi, 0);
	for (unsigned k = 0; k < shape->programmes; k++) {
		put_pmt(psi, 1 + k, k);
		put_elementary(maker, pcr, k, k, BENCH_VIDEO, PCR_FIELD_BYTES);
		packet_of(pcr, k)[5] = 0x10; // PCR_flag
	}
	for (unsigned slot = 1 + shape->programmes; slot < DP_DGRAM_SLOTS; slot++)
		put_next(maker, psi, slot);
	for (unsigned slot = shape->programmes; slot < DP_DGRAM_SLOTS; slot++)
		put_next(maker, pcr, slot);
}

// What of a tag is always the same.
static void write_tags(struct bench_stream *stream)
{
	for (unsigned i = 0; i < stream->lap + 2; i++)
		for (unsigned slot = 0; slot < DP_DGRAM_SLOTS; slot++) {
			struct bench_frame *frame = &stream->frame[i];
			uint8_t *packet = packet_of(frame, slot);
			unsigned programme = (ts_packet_pid(packet) - BENCH_FIRST_PID) / BENCH_PID_STEP;
			struct bench_tag tag = {.service = stream->shape.first_service + programme,
						.packet = i * 8 + slot};

			if (frame->tag_offset[slot])
				memcpy(packet + frame->tag_offset[slot], &tag, sizeof(tag));
		}
}

int bench_stream_init(struct bench_stream *stream, const struct bench_shape *shape, const struct base_clock *clock)
{
	static const struct rte_ether_addr from = {{0x02, 0, 0, 0, 0, 0x01}};
	struct dp_conf_output sender = {.group = shape->group,
					.udp_port = shape->udp_port,
					.source = 0x0A000101,
					.source_udp_port = shape->udp_port,
					.ttl = 16};
	struct maker maker = {.shape = shape, .random = UINT64_C(0x9E3779B97F4A7C15) * (shape->index + 1)};
	uint8_t header[DP_DGRAM_HEADER_MAX_BYTES];
	unsigned lap = LAP_DATAGRAMS / shape->inputs;

	*stream = (struct bench_stream){.shape = *shape,
					.clock = clock,
					.origin_tick = base_clock_tsc(),
					.lap = lap > LAP_MIN ? lap : LAP_MIN,
					.psi_ticks = base_clock_ticks(clock, BENCH_PSI_MS * 1000),
					.pcr_ticks = base_clock_ticks(clock, BENCH_PCR_MS * 1000)};
	stream->last_tick = stream->origin_tick;
	stream->at = stream->lap * shape->index / shape->inputs;
	stream->frame = aligned_alloc(64, (stream->lap + 2) * sizeof(*stream->frame));
	if (!stream->frame)
		return -ENOMEM;
	memset(stream->frame, 0, (stream->lap + 2) * sizeof(*stream->frame));
	dp_header_make(header, &sender, &from);
	make_frames(stream, &maker, header);
	write_tags(stream);
	return 0;
}

void bench_stream_fini(struct bench_stream *stream)
{
	free(stream->frame);
	*stream = (struct bench_stream){0};
}

// PSI before all else, then PCRs, else the next of the lap.
static const struct bench_frame *choose(struct bench_stream *stream, uint64_t tick)
{
	if (tick >= stream->psi_tick) {
		stream->psi_tick = tick + stream->psi_ticks;
		return &stream->frame[stream->lap];
	}
	if (tick >= stream->pcr_tick) {
		stream->pcr_tick = tick + stream->pcr_ticks;
		return &stream->frame[stream->lap + 1];
	}
	const struct bench_frame *frame = &stream->frame[stream->at];

	if (++stream->at == stream->lap)
		stream->at = 0;
	return frame;
}

// The clock of the PCRs. While the machine stood still nothing was sent, and it stood still too: else the PCRs would
// jump where the dataplane, which reads them from a ring, cannot see for how long.
static uint64_t media_time(struct bench_stream *stream, uint64_t tick)
{
	uint64_t since = tick - stream->last_tick;

	if (since > stream->psi_ticks)
		stream->origin_tick += since - stream->psi_ticks;
	stream->last_tick = tick;
	return base_clock_27mhz(stream->clock, tick - stream->origin_tick);
}

void bench_stream_next(struct bench_stream *stream, uint64_t tick, uint64_t number, uint8_t *out)
{
	const struct bench_frame *frame = choose(stream, tick);
	uint64_t media = media_time(stream, tick);

	memcpy(out, frame->bytes, BENCH_FRAME_BYTES);
	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++) {
		uint8_t *packet = out + BENCH_HEADER_BYTES + i * TS_PACKET_BYTES;
		uint8_t *tag = packet + frame->tag_offset[i];

		ts_packet_set_cc(packet, stream->cc[frame->counter[i]]++);
		if (frame->tag_offset[i] == 0)
			continue;
		memcpy(tag + offsetof(struct bench_tag, number), &number, sizeof(number));
		memcpy(tag + offsetof(struct bench_tag, media_27mhz), &media, sizeof(media));
	}
	if (frame != &stream->frame[stream->lap + 1])
		return;
	for (unsigned i = 0; i < stream->shape.programmes; i++)
		ts_packet_set_pcr(out + BENCH_HEADER_BYTES + i * TS_PACKET_BYTES, media);
	if (stream->first_pcr_27mhz == 0)
		stream->first_pcr_27mhz = media;
}

const uint8_t *bench_stream_packet(const struct bench_stream *stream, const struct bench_tag *tag, unsigned *tag_offset)
{
	unsigned frame = tag->packet / 8, slot = tag->packet % 8;

	if (frame >= stream->lap + 2 || slot >= DP_DGRAM_SLOTS || !stream->frame[frame].tag_offset[slot])
		return NULL;
	*tag_offset = stream->frame[frame].tag_offset[slot];
	return packet_of(&stream->frame[frame], slot);
}
