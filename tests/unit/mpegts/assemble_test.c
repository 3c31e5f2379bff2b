// SPDX-License-Identifier: GPL-3.0-or-later
// Sections out of packets: pointers, splits, stuffing, continuity.
#include <captured.h>
#include <ts_section.h>
#include <unit.h>

enum { PID = 0x0123, HEARD_MAX = 64 };

// What the assembler handed out.
struct heard {
	size_t n;
	size_t size[HEARD_MAX];
	uint8_t bytes[HEARD_MAX][TS_SECTION_MAX_BYTES];
};

static struct ts_section_assembler assembler;
static struct heard heard;

static void hear(void *context, const uint8_t *section, size_t n)
{
	struct heard *h = context;

	CU_ASSERT_FATAL(h->n < HEARD_MAX && n <= TS_SECTION_MAX_BYTES);
	memcpy(h->bytes[h->n], section, n);
	h->size[h->n++] = n;
}

static void start(void)
{
	ts_section_assembler_init(&assembler);
	heard.n = 0;
}

// A packet with exactly these payload bytes: the rest is an adaptation field of stuffing.
static void make(uint8_t *p, unsigned cc, bool unit_start, const uint8_t *payload, size_t n)
{
	size_t at = TS_PACKET_BYTES - n;

	memset(p, 0xFF, TS_PACKET_BYTES);
	p[0] = TS_SYNC_BYTE;
	p[1] = unit_start ? 0x40 : 0;
	ts_packet_set_pid(p, PID);
	p[3] = (uint8_t)((at == 4 ? TS_AFC_PAYLOAD : TS_AFC_BOTH) << 4);
	ts_packet_set_cc(p, cc);
	if (at > 4)
		p[4] = (uint8_t)(at - 5);
	if (at > 5)
		p[5] = 0;
	if (n > 0)
		memcpy(p + at, payload, n);
}

static int feed(const uint8_t *p)
{
	uint8_t *exact = captured_exact(p, TS_PACKET_BYTES);
	int calls = ts_section_feed(&assembler, exact, hear, &heard);

	free(exact);
	return calls;
}

// Feeds a packet with unit start and payload {pointer, bytes}.
static int feed_start(unsigned cc, uint8_t pointer, const uint8_t *bytes, size_t n)
{
	uint8_t payload[TS_PAYLOAD_MAX_BYTES], p[TS_PACKET_BYTES];

	payload[0] = pointer;
	memcpy(payload + 1, bytes, n);
	make(p, cc, true, payload, 1 + n);
	return feed(p);
}

static int feed_more(unsigned cc, const uint8_t *bytes, size_t n)
{
	uint8_t p[TS_PACKET_BYTES];

	make(p, cc, false, bytes, n);
	return feed(p);
}

static bool heard_is(size_t i, const uint8_t *section, size_t n)
{
	return i < heard.n && heard.size[i] == n && memcmp(heard.bytes[i], section, n) == 0;
}

// A short-form section of `n` bytes, told apart by `seed`.
static void compose(uint8_t *section, size_t n, uint8_t seed)
{
	section[0] = 0x80;
	base_bytes_put16(section + 1, 0x7000 | (unsigned)(n - 3));
	for (size_t i = 3; i < n; i++)
		section[i] = (uint8_t)(i * 13 + seed);
}

static void one_packet_of_ffmpeg(void)
{
	uint8_t bytes[TS_PAYLOAD_MAX_BYTES];
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_PMT);

	start();
	memset(bytes + n, 0xFF, 183 - n);
	CU_ASSERT_EQUAL(feed_start(0, 0, bytes, 183), 1);
	CU_ASSERT_TRUE(heard_is(0, bytes, n));
	CU_ASSERT_EQUAL(assembler.counts.sections, 1);
	CU_ASSERT_EQUAL(assembler.counts.discontinuities, 0);
	CU_ASSERT_EQUAL(assembler.counts.broken, 0);
}

// Two packets, cut at every byte where both halves fit.
static void split_at_every_byte(void)
{
	uint8_t bytes[TS_PAYLOAD_MAX_BYTES * 2];
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_SDT);

	for (size_t k = 1; k < n; k++) {
		start();
		CU_ASSERT_EQUAL(feed_start(15, 0, bytes, k), 0);
		CU_ASSERT_EQUAL(feed_more(0, bytes + k, n - k), 1);
		CU_ASSERT_TRUE(heard_is(0, bytes, n));
	}
	compose(bytes, 300, 5);
	for (size_t k = 300 - 184; k <= 183; k++) {
		start();
		CU_ASSERT_EQUAL(feed_start(3, 0, bytes, k), 0);
		CU_ASSERT_EQUAL(feed_more(4, bytes + k, 300 - k), 1);
		CU_ASSERT_TRUE(heard_is(0, bytes, 300));
	}
}

static void pieces_of_every_size(void)
{
	uint8_t bytes[1024];
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_LONG_SDT);

	for (size_t piece = 1; piece <= 183; piece++) {
		unsigned cc = 7;
		int calls;

		start();
		calls = feed_start(cc++, 0, bytes, piece);
		for (size_t at = piece; at < n; at += piece)
			calls += feed_more(cc++ & 15, bytes + at, n - at < piece ? n - at : piece);
		CU_ASSERT_EQUAL(calls, 1);
		CU_ASSERT_TRUE(heard_is(0, bytes, n));
	}
}

static void largest_round_trip(void)
{
	static uint8_t packets[TS_SECTION_MAX_PKTS][TS_PACKET_BYTES], bytes[TS_SECTION_MAX_BYTES];
	uint8_t cc = 9;

	compose(bytes, sizeof(bytes), 1);
	start();
	for (int turn = 0; turn < 3; turn++) {
		int calls = 0;
		int n = ts_section_packetize(packets, TS_SECTION_MAX_PKTS, bytes, sizeof(bytes), PID, &cc);

		for (int i = 0; i < n; i++)
			calls += feed(packets[i]);
		CU_ASSERT_EQUAL(calls, 1);
	}
	CU_ASSERT_TRUE(heard_is(2, bytes, sizeof(bytes)));
	CU_ASSERT_EQUAL(assembler.counts.broken + assembler.counts.discontinuities, 0);
}

// Two sections and the head of a third in one packet; the pointer_field of the next tells where the fourth starts.
static void several_in_a_packet(void)
{
	uint8_t run[40 + 3 + 50 + 60 + 20];

	compose(run, 40, 1);
	compose(run + 40, 3, 2);
	compose(run + 43, 50, 3);
	compose(run + 93, 60, 4);
	compose(run + 153, 20, 5);
	// Cut so that every byte of the run is once the first of the second packet.
	for (size_t k = 94; k < 153; k++) {
		start();
		CU_ASSERT_EQUAL(feed_start(0, 0, run, k), 3);
		CU_ASSERT_EQUAL(feed_start(1, (uint8_t)(153 - k), run + k, sizeof(run) - k), 2);
		CU_ASSERT_TRUE(heard_is(0, run, 40) && heard_is(1, run + 40, 3) && heard_is(2, run + 43, 50));
		CU_ASSERT_TRUE(heard_is(3, run + 93, 60) && heard_is(4, run + 153, 20));
		CU_ASSERT_EQUAL(assembler.counts.broken, 0);
	}
}

static void joins_in_the_middle(void)
{
	uint8_t run[70];

	compose(run, 50, 1);
	compose(run + 50, 20, 2);
	start();
	CU_ASSERT_EQUAL(feed_more(4, run, 30), 0);
	CU_ASSERT_EQUAL(feed_start(5, 20, run + 30, 40), 1);
	CU_ASSERT_TRUE(heard_is(0, run + 50, 20));
	CU_ASSERT_EQUAL(assembler.counts.broken + assembler.counts.discontinuities, 0);
}

static void stuffing_ends_the_packet(void)
{
	uint8_t run[60];

	compose(run, 20, 1);
	memset(run + 20, 0xFF, 20);
	compose(run + 40, 20, 2);
	start();
	CU_ASSERT_EQUAL(feed_start(0, 0, run, 60), 1);
	// After stuffing nothing starts without payload_unit_start_indicator.
	CU_ASSERT_EQUAL(feed_more(1, run + 40, 20), 0);
	CU_ASSERT_EQUAL(feed_start(2, 0, run + 20, 20), 0);
	CU_ASSERT_EQUAL(assembler.counts.sections, 1);
	CU_ASSERT_EQUAL(assembler.counts.broken, 0);
}

static void pointer_past_the_payload(void)
{
	uint8_t run[40];

	compose(run, 40, 1);
	for (unsigned pointer = 30; pointer < 256; pointer += 25) {
		start();
		CU_ASSERT_EQUAL(feed_start(0, 0, run, 10), 0);
		CU_ASSERT_EQUAL(feed_start(1, (uint8_t)pointer, run + 10, 30), 0);
		CU_ASSERT_EQUAL(feed_more(2, run + 10, 30), 0);
		CU_ASSERT_EQUAL(assembler.counts.broken, 1);
		CU_ASSERT_EQUAL(assembler.have_bytes, 0);
	}
	start();
	CU_ASSERT_EQUAL(feed_start(0, 0, run, 0), 0);
	CU_ASSERT_EQUAL(assembler.counts.broken, 1);
}

static void next_starts_before_the_end(void)
{
	uint8_t run[50], next[20];

	compose(run, 50, 1);
	compose(next, 20, 2);
	start();
	CU_ASSERT_EQUAL(feed_start(0, 0, run, 30), 0);
	CU_ASSERT_EQUAL(feed_start(1, 0, next, 20), 1);
	CU_ASSERT_TRUE(heard_is(0, next, 20));
	CU_ASSERT_EQUAL(assembler.counts.broken, 1);
	CU_ASSERT_EQUAL(assembler.counts.discontinuities, 0);
}

static void length_over_the_limit(void)
{
	static const uint8_t heads[][3] = {{0x02, 0xB3, 0xFE},
					   {0x00, 0xBF, 0xFF},
					   {0x80, 0x7F, 0xFE},
					   {0x42, 0xFF, 0xFF}};
	uint8_t run[20 + 183] = {0};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		compose(run, 20, 1);
		memcpy(run + 20, heads[i], 3);
		start();
		CU_ASSERT_EQUAL(feed_start(0, 0, run, 183), 1);
		CU_ASSERT_EQUAL(feed_more(1, run + 23, 180), 0);
		CU_ASSERT_EQUAL(assembler.counts.broken, 1);
		CU_ASSERT_EQUAL(assembler.have_bytes, 0);
	}
	// The largest that may be are waited for.
	memcpy(run, (const uint8_t[]){0x02, 0xB3, 0xFD}, 3);
	start();
	CU_ASSERT_EQUAL(feed_start(0, 0, run, 100), 0);
	CU_ASSERT_EQUAL(assembler.have_bytes, 100);
	memcpy(run, (const uint8_t[]){0x80, 0x7F, 0xFD}, 3);
	start();
	CU_ASSERT_EQUAL(feed_start(0, 0, run, 100), 0);
	CU_ASSERT_EQUAL(assembler.have_bytes, 100);
}

static void lost_packet_drops_the_part(void)
{
	uint8_t run[60], next[20];

	compose(run, 60, 1);
	compose(next, 20, 2);
	start();
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	CU_ASSERT_EQUAL(feed_more(5, run + 40, 20), 0);
	CU_ASSERT_EQUAL(assembler.counts.discontinuities, 1);
	CU_ASSERT_EQUAL(assembler.have_bytes, 0);
	CU_ASSERT_EQUAL(feed_start(6, 0, next, 20), 1);
	// A gap between sections loses nothing and is not counted.
	CU_ASSERT_EQUAL(feed_start(11, 0, next, 20), 1);
	CU_ASSERT_EQUAL(assembler.counts.discontinuities, 1);
	CU_ASSERT_EQUAL(assembler.counts.broken, 0);
}

// The tail of a lost section before the pointer is skipped, the section after it is taken.
static void lost_packet_before_a_start(void)
{
	uint8_t run[80];

	compose(run, 60, 1);
	compose(run + 60, 20, 2);
	start();
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	CU_ASSERT_EQUAL(feed_start(5, 20, run + 40, 40), 1);
	CU_ASSERT_TRUE(heard_is(0, run + 60, 20));
	CU_ASSERT_EQUAL(assembler.counts.discontinuities, 1);
}

static void duplicate_is_skipped(void)
{
	uint8_t run[60];

	compose(run, 60, 1);
	start();
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	CU_ASSERT_EQUAL(feed_more(4, run + 20, 20), 0);
	CU_ASSERT_EQUAL(feed_more(4, run + 20, 20), 0);
	CU_ASSERT_EQUAL(feed_more(5, run + 40, 20), 1);
	CU_ASSERT_EQUAL(feed_more(5, run + 40, 20), 0);
	CU_ASSERT_TRUE(heard_is(0, run, 60));
	CU_ASSERT_EQUAL(heard.n, 1);
	CU_ASSERT_EQUAL(assembler.counts.discontinuities + assembler.counts.broken, 0);
}

static void no_payload_does_not_count(void)
{
	uint8_t run[60], p[TS_PACKET_BYTES];

	compose(run, 60, 1);
	start();
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	make(p, 3, false, NULL, 0);
	p[3] = TS_AFC_ADAPTATION << 4 | 3;
	CU_ASSERT_EQUAL(feed(p), 0);
	CU_ASSERT_EQUAL(feed_more(4, run + 20, 40), 1);
	CU_ASSERT_TRUE(heard_is(0, run, 60));
}

// adaptation_field_control 11 with a field of 183 bytes: counted, and empty; with unit start as well.
static void empty_payload_counts(void)
{
	uint8_t run[60], p[TS_PACKET_BYTES];

	compose(run, 60, 1);
	start();
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	make(p, 4, true, NULL, 0);
	CU_ASSERT_EQUAL(feed(p), 0);
	CU_ASSERT_EQUAL(feed_more(5, run + 20, 40), 1);
	CU_ASSERT_TRUE(heard_is(0, run, 60));
	CU_ASSERT_EQUAL(assembler.counts.broken, 0);
}

static void announced_jump(void)
{
	uint8_t run[60], p[TS_PACKET_BYTES];

	compose(run, 60, 1);
	start();
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	// With a jump to the very same continuity_counter: no duplicate.
	make(p, 3, true, (const uint8_t[]){0, 0x80, 0x70, 2, 9, 8}, 6);
	p[5] = 0x80;
	CU_ASSERT_EQUAL(feed(p), 1);
	CU_ASSERT_EQUAL(heard.size[0], 5);
	// Its own duplicate repeats the announcement.
	CU_ASSERT_EQUAL(feed(p), 0);
	// The same counter without the announcement is neither.
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 60), 1);
	CU_ASSERT_EQUAL(assembler.counts.discontinuities, 0);
	CU_ASSERT_EQUAL(assembler.counts.broken, 0);
}

static void announced_jump_without_payload(void)
{
	uint8_t run[60], p[TS_PACKET_BYTES];

	compose(run, 60, 1);
	start();
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	make(p, 3, false, NULL, 0);
	p[3] = TS_AFC_ADAPTATION << 4 | 3;
	p[5] = 0x80;
	// The counter stands: announced, but nothing is missing.
	CU_ASSERT_EQUAL(feed(p), 0);
	CU_ASSERT_EQUAL(assembler.have_bytes, 20);
	ts_packet_set_cc(p, 9);
	CU_ASSERT_EQUAL(feed(p), 0);
	CU_ASSERT_EQUAL(assembler.have_bytes, 0);
	CU_ASSERT_EQUAL(feed_start(10, 0, run, 60), 1);
	CU_ASSERT_EQUAL(assembler.counts.discontinuities, 0);
}

// Such packets neither change the part nor the counter; the hole they leave is found by the next one.
static void ignored_packets(void)
{
	static const struct {
		size_t at;
		uint8_t bits;
	} ways[] = {{0, 0x01}, {1, 0x80}, {3, 0x40}, {3, 0x80}, {3, 0xC0}};
	uint8_t run[60], p[TS_PACKET_BYTES];

	compose(run, 60, 1);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		start();
		CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
		make(p, 4, false, run + 20, 40);
		p[ways[i].at] ^= ways[i].bits;
		CU_ASSERT_EQUAL(feed(p), 0);
		CU_ASSERT_EQUAL(assembler.have_bytes, 20);
		CU_ASSERT_EQUAL(assembler.last_cc, 3);
		p[ways[i].at] ^= ways[i].bits;
		CU_ASSERT_EQUAL(feed(p), 1);
		CU_ASSERT_TRUE(heard_is(0, run, 60));
	}
}

static void malformed_adaptation_field(void)
{
	uint8_t run[60], p[TS_PACKET_BYTES];

	compose(run, 60, 1);
	start();
	CU_ASSERT_EQUAL(feed_start(3, 0, run, 20), 0);
	make(p, 4, false, run + 20, 20);
	p[4] = 184;
	CU_ASSERT_EQUAL(feed(p), 0);
	p[3] = TS_AFC_RESERVED << 4 | 4;
	CU_ASSERT_EQUAL(feed(p), 0);
	CU_ASSERT_EQUAL(assembler.counts.broken, 2);
	CU_ASSERT_EQUAL(feed_more(5, run + 40, 20), 0);
	CU_ASSERT_EQUAL(assembler.counts.discontinuities, 1);
}

static const struct unit_test tests[] = {
	{"one packet of ffmpeg", one_packet_of_ffmpeg},
	{"split at every byte", split_at_every_byte},
	{"pieces of every size", pieces_of_every_size},
	{"4096 bytes there and back", largest_round_trip},
	{"several sections in a packet", several_in_a_packet},
	{"joins in the middle", joins_in_the_middle},
	{"stuffing ends the packet", stuffing_ends_the_packet},
	{"pointer_field past the payload", pointer_past_the_payload},
	{"next section starts before the end", next_starts_before_the_end},
	{"section_length over the limit", length_over_the_limit},
	{"lost packet drops the part", lost_packet_drops_the_part},
	{"lost packet before a start", lost_packet_before_a_start},
	{"duplicate is skipped", duplicate_is_skipped},
	{"no payload does not count", no_payload_does_not_count},
	{"empty payload counts", empty_payload_counts},
	{"announced jump", announced_jump},
	{"announced jump without payload", announced_jump_without_payload},
	{"ignored packets", ignored_packets},
	{"malformed adaptation field", malformed_adaptation_field},
};

UNIT_MAIN("mpegts/assemble", tests)
