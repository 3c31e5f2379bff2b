// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/stream.h"

#include <string.h>

#include "port/header.h"

enum {
	AUDIO_EVERY = 16,          // of a programme's packets
	VIDEO_STUFFED_EVERY = 100, // ends of PES packets
	AUDIO_STUFFED_EVERY = 10,
	STUFFING_MIN_BYTES = 2, // length and flags
	STUFFING_MAX_BYTES = 150,
	PCR_FIELD_BYTES = 8, // length, flags, PCR
	PCR_FLAG = 0x10,
};

// Inputs and services begin anywhere, so that they are not in step.
void bench_stream_init(struct bench_stream *stream, const struct bench_shape *shape, const struct bench_store *store)
{
	static const struct rte_ether_addr from = {{0x02, 0, 0, 0, 0, 0x01}};
	struct dp_conf_output sender = {.group = shape->group,
					.udp_port = shape->udp_port,
					.source = 0x0A000101,
					.source_udp_port = shape->udp_port,
					.ttl = 16};
	uint8_t header[DP_DGRAM_HEADER_MAX_BYTES];
	uint64_t random = bench_mix(shape->first_service);

	*stream = (struct bench_stream){.store = store,
					.shape = *shape,
					.nulls = (unsigned)(random >> 32) % 100,
					.turn = (unsigned)random,
					.origin_tick = base_clock_tsc()};
	stream->last_tick = stream->origin_tick;
	for (unsigned k = 0; k < shape->programmes; k++)
		for (unsigned pid = 0; pid < BENCH_PIDS; pid++)
			stream->count[k][pid] = (uint32_t)(random = bench_mix(random));
	dp_header_make(header, &sender, &from);
	memcpy(stream->header, header, BENCH_HEADER_BYTES);
}

// Bytes of the adaptation field, its length byte included; 0: none.
static unsigned field_bytes(const struct bench_tag *tag, uint64_t random)
{
	unsigned every = tag->pid == BENCH_VIDEO ? VIDEO_STUFFED_EVERY : AUDIO_STUFFED_EVERY;

	if (tag->pcr)
		return PCR_FIELD_BYTES;
	if (tag->count % every)
		return 0;
	return STUFFING_MIN_BYTES + (unsigned)(random >> 32) % (STUFFING_MAX_BYTES - STUFFING_MIN_BYTES + 1);
}

static void write_field(const struct bench_tag *tag, unsigned bytes, uint8_t *packet)
{
	packet[4] = (uint8_t)(bytes - 1);
	packet[5] = tag->pcr ? PCR_FLAG : 0;
	memset(packet + 6, 0xFF, bytes - 2);
	if (tag->pcr)
		ts_packet_set_pcr(packet, tag->media_27mhz);
}

static void write_packet(const struct bench_store *store, unsigned programme, const struct bench_tag *tag,
			 uint8_t *packet)
{
	uint64_t random = bench_mix((uint64_t)tag->service << 40 | (uint64_t)tag->pid << 32 | tag->count);
	unsigned field = field_bytes(tag, random);

	packet[0] = TS_SYNC_BYTE;
	packet[1] = 0;
	ts_packet_set_pid(packet, bench_pid(programme, (enum bench_pid)tag->pid));
	packet[3] = (uint8_t)((field ? TS_AFC_BOTH : TS_AFC_PAYLOAD) << 4);
	ts_packet_set_cc(packet, tag->count);
	memcpy(packet + TS_HEADER_BYTES, store->random + random % BENCH_PAYLOADS, TS_PAYLOAD_MAX_BYTES);
	if (field)
		write_field(tag, field, packet);
	memcpy(packet + TS_HEADER_BYTES + field, tag, sizeof(*tag));
}

// The next packet of an elementary stream, where `tag` says when.
static void write_elementary(struct bench_stream *stream, unsigned programme, enum bench_pid pid, struct bench_tag *tag,
			     uint8_t *packet)
{
	tag->service = (uint16_t)(stream->shape.first_service + programme);
	tag->pid = (uint8_t)pid;
	tag->count = stream->count[programme][pid]++;
	write_packet(stream->store, programme, tag, packet);
}

// Programmes take turns.
static void write_next(struct bench_stream *stream, struct bench_tag *tag, uint8_t *packet)
{
	stream->nulls += stream->shape.null_percent;
	if (stream->nulls >= 100) {
		stream->nulls -= 100;
		ts_packet_null(packet);
		return;
	}
	unsigned turn = stream->turn++, programmes = stream->shape.programmes;

	write_elementary(stream, turn % programmes, turn / programmes % AUDIO_EVERY ? BENCH_VIDEO : BENCH_AUDIO, tag,
			 packet);
}

// PAT and PMTs; what follows them.
static uint8_t *write_psi(struct bench_stream *stream, uint8_t *packet)
{
	const struct bench_store *store = stream->store;
	unsigned programmes = stream->shape.programmes;

	memcpy(packet, store->pat[programmes - 1], TS_PACKET_BYTES);
	ts_packet_set_cc(packet, stream->pat_cc++);
	packet += TS_PACKET_BYTES;
	for (unsigned k = 0; k < programmes; k++, packet += TS_PACKET_BYTES) {
		memcpy(packet, store->pmt[k], TS_PACKET_BYTES);
		ts_packet_set_cc(packet, stream->count[k][BENCH_PMT]++);
	}
	return packet;
}

// A PCR of each programme; what follows them.
static uint8_t *write_pcrs(struct bench_stream *stream, struct bench_tag *tag, uint8_t *packet)
{
	tag->pcr = 1;
	for (unsigned k = 0; k < stream->shape.programmes; k++, packet += TS_PACKET_BYTES)
		write_elementary(stream, k, BENCH_VIDEO, tag, packet);
	tag->pcr = 0;
	if (stream->first_pcr_27mhz == 0)
		stream->first_pcr_27mhz = tag->media_27mhz;
	return packet;
}

// The clock of the PCRs. While the machine stood still nothing was sent, and it stood still too: else the PCRs would
// jump where the dataplane, which reads them from a ring, cannot see for how long.
static uint64_t media_time(struct bench_stream *stream, uint64_t tick)
{
	uint64_t since = tick - stream->last_tick, longest = stream->store->psi_ticks;

	if (since > longest)
		stream->origin_tick += since - longest;
	stream->last_tick = tick;
	return base_clock_27mhz(stream->store->clock, tick - stream->origin_tick);
}

// PSI before all else, then PCRs.
void bench_stream_next(struct bench_stream *stream, uint64_t tick, uint64_t number, uint8_t *out)
{
	struct bench_tag tag = {.number = number, .media_27mhz = media_time(stream, tick)};
	uint8_t *packet = out + BENCH_HEADER_BYTES, *end = out + BENCH_FRAME_BYTES;

	memcpy(out, stream->header, BENCH_HEADER_BYTES);
	if (tick >= stream->psi_tick) {
		stream->psi_tick = tick + stream->store->psi_ticks;
		packet = write_psi(stream, packet);
	} else if (tick >= stream->pcr_tick) {
		stream->pcr_tick = tick + stream->store->pcr_ticks;
		packet = write_pcrs(stream, &tag, packet);
	}
	for (; packet < end; packet += TS_PACKET_BYTES)
		write_next(stream, &tag, packet);
}

bool bench_stream_packet(const struct bench_stream *stream, const struct bench_tag *tag, uint8_t *out)
{
	unsigned programme = tag->service - stream->shape.first_service;
	bool elementary = tag->pid == BENCH_VIDEO || tag->pid == BENCH_AUDIO;

	if (programme >= stream->shape.programmes || !elementary || tag->pcr > (tag->pid == BENCH_VIDEO))
		return false;
	write_packet(stream->store, programme, tag, out);
	return true;
}
