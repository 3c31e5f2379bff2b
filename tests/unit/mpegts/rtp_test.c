// SPDX-License-Identifier: GPL-3.0-or-later
// RTP header.
#include <errno.h>

#include <captured.h>
#include <ts_rtp.h>
#include <unit.h>

static int parse(struct ts_rtp *rtp, const uint8_t *bytes, size_t n)
{
	uint8_t *exact = captured_exact(bytes, n);
	int rc = ts_rtp_parse(rtp, exact, n);

	free(exact);
	return rc;
}

// The second datagram of ffmpeg 5.1.9 -f rtp_mpegts, its first packet's header after it; values as tshark 4.0.17 reads.
static void of_ffmpeg(void)
{
	static const char hex[] = "8021068cf9a89ac12704319a47010014";
	uint8_t bytes[1328] = {0};
	struct ts_rtp rtp;

	CU_ASSERT_EQUAL_FATAL(captured_load(bytes, sizeof(bytes), hex), 16);
	CU_ASSERT_EQUAL_FATAL(parse(&rtp, bytes, sizeof(bytes)), 0);
	CU_ASSERT_FALSE(rtp.marker);
	CU_ASSERT_EQUAL(rtp.payload_type, TS_RTP_PAYLOAD_TYPE_MP2T);
	CU_ASSERT_EQUAL(rtp.sequence, 1676);
	CU_ASSERT_EQUAL(rtp.timestamp_90khz, 4188576449);
	CU_ASSERT_EQUAL(rtp.ssrc, 0x2704319A);
	CU_ASSERT_EQUAL(rtp.payload_offset, 12);
	CU_ASSERT_EQUAL(rtp.payload_bytes, 7 * 188);

	uint8_t out[12];

	CU_ASSERT_EQUAL(ts_rtp_write(out, sizeof(out), &rtp), 12);
	CU_ASSERT_EQUAL(memcmp(out, bytes, 12), 0);
}

static void round_trip(void)
{
	const struct ts_rtp rtp = {true, 127, 65535, 0xFFFFFFFF, 0x89ABCDEF, 0, 0};
	struct ts_rtp back;
	uint8_t out[TS_RTP_HEADER_BYTES];

	CU_ASSERT_EQUAL(ts_rtp_write(out, 11, &rtp), -ENOSPC);
	CU_ASSERT_EQUAL_FATAL(ts_rtp_write(out, sizeof(out), &rtp), 12);
	CU_ASSERT_EQUAL_FATAL(parse(&back, out, sizeof(out)), 0);
	CU_ASSERT_TRUE(back.marker);
	CU_ASSERT_EQUAL(back.payload_type, 127);
	CU_ASSERT_EQUAL(back.sequence, 65535);
	CU_ASSERT_EQUAL(back.timestamp_90khz, 0xFFFFFFFF);
	CU_ASSERT_EQUAL(back.ssrc, 0x89ABCDEF);
	CU_ASSERT_EQUAL(back.payload_offset, 12);
	CU_ASSERT_EQUAL(back.payload_bytes, 0);
}

static void versions(void)
{
	uint8_t bytes[12] = {0};
	struct ts_rtp rtp;

	for (unsigned version = 0; version < 4; version++) {
		bytes[0] = (uint8_t)(version << 6);
		CU_ASSERT_EQUAL(parse(&rtp, bytes, sizeof(bytes)), version == 2 ? 0 : -EBADMSG);
	}
}

// Fifteen CSRC, an extension of two words, five bytes of payload, three of padding: refused at every shorter size.
static void every_truncation(void)
{
	uint8_t bytes[12 + 60 + 4 + 8 + 5 + 3] = {0x80 | 0x20 | 0x10 | 15};
	struct ts_rtp rtp;

	bytes[12 + 60 + 3] = 2;
	bytes[sizeof(bytes) - 1] = 3;
	CU_ASSERT_EQUAL_FATAL(parse(&rtp, bytes, sizeof(bytes)), 0);
	CU_ASSERT_EQUAL(rtp.payload_offset, 84);
	CU_ASSERT_EQUAL(rtp.payload_bytes, 5);
	for (size_t k = 0; k < sizeof(bytes); k++)
		CU_ASSERT_EQUAL(parse(&rtp, bytes, k), -EBADMSG);
	bytes[0] &= 0xDF;
	for (size_t k = 0; k < sizeof(bytes); k++)
		CU_ASSERT_EQUAL(parse(&rtp, bytes, k), k >= 84 ? 0 : -EBADMSG);
	bytes[0] &= 0xEF;
	for (size_t k = 0; k < sizeof(bytes); k++)
		CU_ASSERT_EQUAL(parse(&rtp, bytes, k), k >= 72 ? 0 : -EBADMSG);
}

static void padding(void)
{
	uint8_t bytes[12 + 10] = {0x80 | 0x20};
	struct ts_rtp rtp;

	for (unsigned pad = 0; pad < 256; pad++) {
		bytes[sizeof(bytes) - 1] = (uint8_t)pad;
		CU_ASSERT_EQUAL(parse(&rtp, bytes, sizeof(bytes)), pad >= 1 && pad <= 10 ? 0 : -EBADMSG);
		if (pad >= 1 && pad <= 10)
			CU_ASSERT_EQUAL(rtp.payload_bytes, 10 - pad);
	}
}

static void longest_extension_and_datagram(void)
{
	static uint8_t bytes[65536] = {0x80 | 0x10};
	struct ts_rtp rtp;

	base_bytes_put16(bytes + 14, 0xFFFF);
	CU_ASSERT_EQUAL(parse(&rtp, bytes, 65535), -EBADMSG);
	bytes[0] = 0x80;
	CU_ASSERT_EQUAL(parse(&rtp, bytes, 65535), 0);
	CU_ASSERT_EQUAL(rtp.payload_bytes, 65523);
	CU_ASSERT_EQUAL(parse(&rtp, bytes, 65536), -EBADMSG);
}

static const struct unit_test tests[] = {
	{"header of ffmpeg", of_ffmpeg},
	{"round trip", round_trip},
	{"versions", versions},
	{"every truncation", every_truncation},
	{"padding", padding},
	{"longest extension and datagram", longest_extension_and_datagram},
};

UNIT_MAIN("mpegts/rtp", tests)
