// SPDX-License-Identifier: GPL-3.0-or-later
// Packet header, adaptation field, PCR.
#include <captured.h>
#include <ts_packet.h>
#include <unit.h>

enum { PCR_AT = 6 };

static void packet_with_pcr(uint8_t *p)
{
	memset(p, 0xFF, TS_PACKET_BYTES);
	CU_ASSERT_EQUAL_FATAL(captured_load(p, TS_PACKET_BYTES, CAPTURED_PCR_HEAD), 16);
}

static void header_fields(void)
{
	uint8_t p[TS_PACKET_BYTES];

	packet_with_pcr(p);
	CU_ASSERT_TRUE(ts_packet_synced(p));
	CU_ASSERT_FALSE(ts_packet_error_indicator(p));
	CU_ASSERT_TRUE(ts_packet_unit_start(p));
	CU_ASSERT_EQUAL(ts_packet_pid(p), 0x0100);
	CU_ASSERT_EQUAL(ts_packet_tsc(p), TS_TSC_CLEAR);
	CU_ASSERT_EQUAL(ts_packet_afc(p), TS_AFC_BOTH);
	CU_ASSERT_EQUAL(ts_packet_cc(p), 0);
	CU_ASSERT_EQUAL(ts_packet_payload_offset(p), 12);
	CU_ASSERT_TRUE(ts_packet_has_payload(p));
	p[0] = 0x46;
	p[1] |= 0x80;
	CU_ASSERT_FALSE(ts_packet_synced(p));
	CU_ASSERT_TRUE(ts_packet_error_indicator(p));
}

static void setters_leave_neighbours(void)
{
	for (unsigned fill = 0; fill <= 0xFF; fill += 0xFF) {
		uint8_t p[4] = {(uint8_t)fill, (uint8_t)fill, (uint8_t)fill, (uint8_t)fill};

		ts_packet_set_pid(p, 0x1234);
		ts_packet_set_tsc(p, TS_TSC_EVEN);
		ts_packet_set_cc(p, 9);
		CU_ASSERT_EQUAL(ts_packet_pid(p), 0x1234);
		CU_ASSERT_EQUAL(ts_packet_tsc(p), TS_TSC_EVEN);
		CU_ASSERT_EQUAL(ts_packet_cc(p), 9);
		CU_ASSERT_EQUAL(p[0], fill);
		CU_ASSERT_EQUAL(p[1] & 0xE0, fill & 0xE0);
		CU_ASSERT_EQUAL(p[3] & 0x30, fill & 0x30);
	}
}

static void payload_offset_of_every_length(void)
{
	uint8_t p[TS_PACKET_BYTES] = {TS_SYNC_BYTE};

	for (unsigned length = 0; length < 256; length++) {
		p[4] = (uint8_t)length;
		p[3] = TS_AFC_RESERVED << 4;
		CU_ASSERT_EQUAL(ts_packet_payload_offset(p), -EBADMSG);
		CU_ASSERT_FALSE(ts_packet_has_payload(p));
		p[3] = TS_AFC_PAYLOAD << 4;
		CU_ASSERT_EQUAL(ts_packet_payload_offset(p), 4);
		CU_ASSERT_TRUE(ts_packet_has_payload(p));
		p[3] = TS_AFC_ADAPTATION << 4;
		CU_ASSERT_EQUAL(ts_packet_payload_offset(p), length == 183 ? 188 : -EBADMSG);
		CU_ASSERT_FALSE(ts_packet_has_payload(p));
		p[3] = TS_AFC_BOTH << 4;
		CU_ASSERT_EQUAL(ts_packet_payload_offset(p), length <= 183 ? (int)(5 + length) : -EBADMSG);
		CU_ASSERT_EQUAL(ts_packet_has_payload(p), length <= 182);
	}
}

static void discontinuity_needs_a_whole_field(void)
{
	uint8_t p[TS_PACKET_BYTES] = {TS_SYNC_BYTE, 0, 0, TS_AFC_BOTH << 4, 1, 0x80};

	CU_ASSERT_TRUE(ts_packet_discontinuity(p));
	p[5] = 0x7F;
	CU_ASSERT_FALSE(ts_packet_discontinuity(p));
	p[5] = 0x80;
	p[4] = 0;
	CU_ASSERT_FALSE(ts_packet_discontinuity(p));
	p[4] = 184;
	CU_ASSERT_FALSE(ts_packet_discontinuity(p));
	p[4] = 1;
	p[3] = TS_AFC_PAYLOAD << 4;
	CU_ASSERT_FALSE(ts_packet_discontinuity(p));
	p[3] = TS_AFC_ADAPTATION << 4;
	CU_ASSERT_FALSE(ts_packet_discontinuity(p));
	p[4] = 183;
	CU_ASSERT_TRUE(ts_packet_discontinuity(p));
}

static void pcr_of_ffmpeg(void)
{
	uint8_t p[TS_PACKET_BYTES];
	uint64_t pcr = 0;

	packet_with_pcr(p);
	CU_ASSERT_TRUE(ts_packet_pcr(p, &pcr));
	CU_ASSERT_EQUAL(pcr, 0x1206420);
}

static void no_pcr(void)
{
	uint8_t p[TS_PACKET_BYTES], before[TS_PACKET_BYTES];
	uint64_t pcr = 7;

	for (int way = 0; way < 4; way++) {
		packet_with_pcr(p);
		if (way == 0)
			p[5] &= 0xEF; // no PCR_flag
		else if (way == 1)
			p[4] = 6; // no room
		else if (way == 2)
			p[4] = 200; // past the packet
		else
			p[3] = TS_AFC_PAYLOAD << 4;
		memcpy(before, p, sizeof(p));
		CU_ASSERT_FALSE(ts_packet_pcr(p, &pcr));
		CU_ASSERT_FALSE(ts_packet_set_pcr(p, 1));
		CU_ASSERT_EQUAL(memcmp(before, p, sizeof(p)), 0);
	}
	CU_ASSERT_EQUAL(pcr, 7);
}

static void pcr_extension_is_bounded(void)
{
	uint8_t p[TS_PACKET_BYTES];
	uint64_t pcr = 0;

	packet_with_pcr(p);
	base_bytes_put16(p + PCR_AT + 4, 0x7E00 | 299);
	CU_ASSERT_TRUE(ts_packet_pcr(p, &pcr));
	CU_ASSERT_EQUAL(pcr, 0x1206420 + 299);
	base_bytes_put16(p + PCR_AT + 4, 0x7E00 | 300);
	CU_ASSERT_FALSE(ts_packet_pcr(p, &pcr));
	CU_ASSERT_TRUE(ts_packet_set_pcr(p, 5));
	CU_ASSERT_TRUE(ts_packet_pcr(p, &pcr));
	CU_ASSERT_EQUAL(pcr, 5);
}

static void pcr_round_trip(void)
{
	static const uint64_t values[] = {0, 1, 299, 300, 301, UINT64_C(0x1FFFFFFFF) * 300, TS_PCR_TURN_27MHZ - 1};
	uint8_t p[TS_PACKET_BYTES], before[TS_PACKET_BYTES];

	packet_with_pcr(p);
	memcpy(before, p, sizeof(p));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		uint64_t pcr = UINT64_MAX;

		CU_ASSERT_TRUE(ts_packet_set_pcr(p, values[i]));
		CU_ASSERT_TRUE(ts_packet_pcr(p, &pcr));
		CU_ASSERT_EQUAL(pcr, values[i]);
		CU_ASSERT_TRUE(ts_packet_set_pcr(p, values[i] + TS_PCR_TURN_27MHZ));
		CU_ASSERT_TRUE(ts_packet_pcr(p, &pcr));
		CU_ASSERT_EQUAL(pcr, values[i]);
		CU_ASSERT_EQUAL(p[PCR_AT + 4] & 0x7E, 0x7E);
		CU_ASSERT_EQUAL(memcmp(before, p, PCR_AT), 0);
		CU_ASSERT_EQUAL(memcmp(before + PCR_AT + 6, p + PCR_AT + 6, TS_PACKET_BYTES - PCR_AT - 6), 0);
	}
}

static void pcr_difference_across_the_turn(void)
{
	const uint64_t turn = TS_PCR_TURN_27MHZ;

	CU_ASSERT_EQUAL(ts_packet_pcr_diff(100, 40), 60);
	CU_ASSERT_EQUAL(ts_packet_pcr_diff(40, 100), -60);
	CU_ASSERT_EQUAL(ts_packet_pcr_diff(10, turn - 10), 20);
	CU_ASSERT_EQUAL(ts_packet_pcr_diff(turn - 10, 10), -20);
	CU_ASSERT_EQUAL(ts_packet_pcr_diff(turn / 2 - 1, 0), (int64_t)(turn / 2 - 1));
	CU_ASSERT_EQUAL(ts_packet_pcr_diff(turn / 2, 0), -(int64_t)(turn / 2));
	CU_ASSERT_EQUAL(ts_packet_pcr_diff(turn + 3, 1), 2);
	CU_ASSERT_EQUAL(ts_packet_pcr_diff(7, 7), 0);
}

static void null_packet(void)
{
	uint8_t p[TS_PACKET_BYTES] = {0};

	ts_packet_null(p);
	CU_ASSERT_TRUE(ts_packet_synced(p));
	CU_ASSERT_FALSE(ts_packet_error_indicator(p));
	CU_ASSERT_FALSE(ts_packet_unit_start(p));
	CU_ASSERT_EQUAL(ts_packet_pid(p), TS_PID_NULL);
	CU_ASSERT_EQUAL(p[3], 0x10);
	for (size_t i = 4; i < TS_PACKET_BYTES; i++)
		CU_ASSERT_EQUAL(p[i], 0xFF);
}

// What stands in the packet beside PID, PCR and discontinuity_indicator does not come along.
static void pcr_only(void)
{
	uint8_t p[TS_PACKET_BYTES], out[TS_PACKET_BYTES];
	uint64_t pcr = 0;

	for (unsigned discontinuity = 0; discontinuity < 2; discontinuity++) {
		packet_with_pcr(p);
		memset(p + 12, 0xA5, TS_PACKET_BYTES - 12);
		p[1] |= 0xE0; // error, unit start, priority
		ts_packet_set_pid(p, 0x1ABC);
		ts_packet_set_tsc(p, TS_TSC_ODD);
		ts_packet_set_cc(p, 9);
		p[5] = (uint8_t)(0x7F | discontinuity << 7); // every other flag
		ts_packet_set_pcr(p, TS_PCR_TURN_27MHZ - 1);
		memset(out, 0xA5, sizeof(out));
		ts_packet_pcr_only(out, p);
		CU_ASSERT_EQUAL(memcmp(out, "\x47\x1A\xBC\x20\xB7", 5), 0);
		CU_ASSERT_EQUAL(out[5], discontinuity ? 0x90 : 0x10);
		CU_ASSERT_TRUE(ts_packet_pcr(out, &pcr));
		CU_ASSERT_EQUAL(pcr, TS_PCR_TURN_27MHZ - 1);
		CU_ASSERT_EQUAL(ts_packet_discontinuity(out), discontinuity != 0);
		CU_ASSERT_EQUAL(ts_packet_payload_offset(out), TS_PACKET_BYTES);
		for (size_t i = 12; i < TS_PACKET_BYTES; i++)
			CU_ASSERT_EQUAL(out[i], 0xFF);
	}
}

static const struct unit_test tests[] = {
	{"header fields", header_fields},
	{"setters leave their neighbours", setters_leave_neighbours},
	{"payload offset of every length", payload_offset_of_every_length},
	{"discontinuity_indicator", discontinuity_needs_a_whole_field},
	{"PCR of ffmpeg", pcr_of_ffmpeg},
	{"no PCR", no_pcr},
	{"PCR extension over 299", pcr_extension_is_bounded},
	{"PCR round trip", pcr_round_trip},
	{"PCR difference", pcr_difference_across_the_turn},
	{"null packet", null_packet},
	{"PCR only", pcr_only},
};

UNIT_MAIN("mpegts/packet", tests)
