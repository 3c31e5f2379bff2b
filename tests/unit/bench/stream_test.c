// SPDX-License-Identifier: GPL-3.0-or-later
// The inputs: what they send is what they say they send, in the mixture that is wanted; and a tag that none was given
// names no packet.
#include <string.h>

#include <unit.h>

#include "path/stream.h"

enum { FIRST_SERVICE = 8, PROGRAMMES = 3, DATAGRAMS = 20000, NULL_PERCENT = 5, TICKS_PER_DATAGRAM = 1000000 };

static const struct base_clock nanoseconds = {.tsc_hz = 1000000000, .us_per_tsc_q32 = (UINT64_C(1) << 32) / 1000};
static struct bench_store store;

// What came in a run.
struct seen {
	unsigned pkts, nulls, tables, pcrs, video, audio, stuffed_video, stuffed_audio;
	unsigned wrong; // not what its tag names, or with a step in its PID's continuity
	uint8_t next[BENCH_PROGRAMMES_MAX * BENCH_PID_STEP];
	bool begun[BENCH_PROGRAMMES_MAX * BENCH_PID_STEP];
};

static void open_stream(struct bench_stream *stream)
{
	static const struct bench_shape shape = {.first_service = FIRST_SERVICE,
						 .programmes = PROGRAMMES,
						 .group = 0xEF010100,
						 .udp_port = 5000,
						 .null_percent = NULL_PERCENT};

	bench_store_init(&store, &nanoseconds);
	bench_stream_init(stream, &shape, &store);
	stream->origin_tick = stream->last_tick = 0;
}

static struct bench_tag tag_of(const uint8_t *packet)
{
	struct bench_tag tag;

	memcpy(&tag, packet + ts_packet_payload_offset(packet), sizeof(tag));
	return tag;
}

static void see_elementary(struct seen *seen, const struct bench_stream *stream, const uint8_t *packet)
{
	bool video = (ts_packet_pid(packet) - BENCH_FIRST_PID) % BENCH_PID_STEP == BENCH_VIDEO;
	bool stuffed = ts_packet_payload_offset(packet) > TS_HEADER_BYTES;
	struct bench_tag tag = tag_of(packet);
	uint8_t named[TS_PACKET_BYTES];
	uint64_t pcr;

	seen->video += video;
	seen->audio += !video;
	if (ts_packet_pcr(packet, &pcr)) {
		seen->pcrs++;
		seen->wrong += pcr != tag.media_27mhz;
	} else {
		seen->stuffed_video += video && stuffed;
		seen->stuffed_audio += !video && stuffed;
	}
	seen->wrong += !bench_stream_packet(stream, &tag, named) || memcmp(named, packet, TS_PACKET_BYTES) != 0;
}

static void see(struct seen *seen, const struct bench_stream *stream, const uint8_t *packet)
{
	uint16_t pid = ts_packet_pid(packet);
	unsigned k = pid - BENCH_FIRST_PID;

	seen->pkts++;
	seen->nulls += pid == TS_PID_NULL;
	if (pid == TS_PID_NULL || pid == TS_PID_PAT)
		return;
	if (k >= sizeof(seen->next)) {
		seen->wrong++;
		return;
	}
	seen->wrong += seen->begun[k] && seen->next[k] != ts_packet_cc(packet);
	seen->begun[k] = true;
	seen->next[k] = (ts_packet_cc(packet) + 1) & 0x0F;
	if (bench_is_elementary(pid))
		see_elementary(seen, stream, packet);
	else
		seen->tables++;
}

static struct seen run(void)
{
	struct bench_stream stream;
	struct seen seen = {0};
	uint8_t frame[BENCH_FRAME_BYTES];

	open_stream(&stream);
	for (unsigned i = 0; i < DATAGRAMS; i++) {
		bench_stream_next(&stream, (uint64_t)i * TICKS_PER_DATAGRAM, i, frame);
		for (unsigned k = 0; k < DP_DGRAM_SLOTS; k++)
			see(&seen, &stream, frame + BENCH_HEADER_BYTES + k * TS_PACKET_BYTES);
	}
	return seen;
}

// True when `n` is one in `every` of `all`, or almost.
static bool one_in(unsigned n, unsigned all, unsigned every)
{
	return n * every > all - all / 50 && n * every < all + all / 50;
}

static void test_whole(void)
{
	struct seen seen = run();

	CU_ASSERT_EQUAL(seen.wrong, 0);
	CU_ASSERT_EQUAL(seen.pkts, DATAGRAMS * DP_DGRAM_SLOTS);
}

static void test_mixture(void)
{
	struct seen seen = run();
	unsigned turns = seen.video + seen.audio - seen.pcrs;

	CU_ASSERT(one_in(seen.nulls, turns + seen.nulls, 100 / NULL_PERCENT));
	CU_ASSERT(one_in(seen.audio, turns, 16));
	CU_ASSERT(one_in(seen.stuffed_video, seen.video, 100));
	CU_ASSERT(one_in(seen.stuffed_audio, seen.audio, 10));
	CU_ASSERT_EQUAL(seen.tables, DATAGRAMS / BENCH_PSI_MS * PROGRAMMES);
	CU_ASSERT(one_in(seen.pcrs, DATAGRAMS * PROGRAMMES, BENCH_PCR_MS));
}

// Payloads of neighbours, in their PID and in the next service, are not the same.
static void test_apart(void)
{
	struct bench_stream stream;
	uint8_t a[TS_PACKET_BYTES], b[TS_PACKET_BYTES];
	unsigned same = 0;

	open_stream(&stream);
	for (unsigned i = 0; i < 1000; i++) {
		struct bench_tag tag = {.service = FIRST_SERVICE, .pid = BENCH_VIDEO, .count = 100 * i + 1}, next = tag;

		next.count += i % 2;
		next.service += !(i % 2);
		CU_ASSERT(bench_stream_packet(&stream, &tag, a) && bench_stream_packet(&stream, &next, b));
		same += memcmp(a + 100, b + 100, TS_PACKET_BYTES - 100) == 0;
	}
	CU_ASSERT(same < 5);
}

static void test_no_such_packet(void)
{
	static const struct bench_tag none[] = {
		{.service = FIRST_SERVICE - 1, .pid = BENCH_VIDEO},
		{.service = FIRST_SERVICE + PROGRAMMES, .pid = BENCH_VIDEO},
		{.service = FIRST_SERVICE, .pid = BENCH_PMT},
		{.service = FIRST_SERVICE, .pid = BENCH_PIDS},
		{.service = FIRST_SERVICE, .pid = BENCH_AUDIO, .pcr = 1},
		{.service = FIRST_SERVICE, .pid = BENCH_VIDEO, .pcr = 2},
	};
	struct bench_stream stream;
	uint8_t packet[TS_PACKET_BYTES];

	open_stream(&stream);
	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CU_ASSERT_FALSE(bench_stream_packet(&stream, &none[i], packet));
}

static const struct unit_test tests[] = {
	{"as its tag names it", test_whole},
	{"mixture", test_mixture},
	{"payloads apart", test_apart},
	{"no such packet", test_no_such_packet},
};

UNIT_MAIN("bench path stream", tests)
