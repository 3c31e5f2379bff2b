// SPDX-License-Identifier: GPL-3.0-or-later
// The frame parser: every reason to drop, at its first byte, and what is found in good frames.
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <ts_rtp.h>
#include <unit.h>

#include "stage/frame.h"

static uint8_t frame[1600];
static struct dp_frame out;
static struct dp_frame_ts ts;

// A good frame with `payload` bytes of UDP payload, all 0x47; its length.
static size_t good(bool vlan, size_t payload)
{
	size_t at = vlan ? 18 : 14;

	memset(frame, 0x47, sizeof(frame));
	memcpy(frame + 12, vlan ? "\x81\x00\xE0\x64\x08\x00" : "\x08\x00", vlan ? 6 : 2);
	memset(frame + at, 0, 28);
	frame[at] = 0x45;
	base_bytes_put16(frame + at + 2, (unsigned)(28 + payload));
	base_bytes_put16(frame + at + 6, 0x4000);
	frame[at + 9] = 17;
	base_bytes_put32(frame + at + 12, 0xC000020A);
	base_bytes_put32(frame + at + 16, 0xEF010102);
	base_bytes_put16(frame + at + 22, 5000);
	base_bytes_put16(frame + at + 24, (unsigned)(8 + payload));
	return at + 28 + payload;
}

// Parses a heap copy of exactly `n` bytes, so that a sanitizer sees reading past it.
static int parse(size_t n)
{
	uint8_t *exact = malloc(n ? n : 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
	memcpy(exact, frame, n);
	int rc = dp_frame_parse(&out, exact, n);

	free(exact);
	return rc;
}

static void good_ones(void)
{
	size_t n = good(false, 1316);

	CU_ASSERT_EQUAL(parse(n), -1);
	CU_ASSERT_TRUE(out.flow.group == 0xEF010102 && out.flow.udp_port == 5000 && out.flow.vlan == 0);
	CU_ASSERT_TRUE(out.source == 0xC000020A && out.offset == 42 && out.bytes == 1316);
	CU_ASSERT_EQUAL(parse(n + 18), -1); // padding of the Ethernet
	CU_ASSERT_EQUAL(out.bytes, 1316);
	n = good(true, 188);
	CU_ASSERT_EQUAL(parse(n), -1);
	CU_ASSERT_TRUE(out.flow.vlan == 100 && out.offset == 46 &&
		       out.bytes == 188); // priority bits are not the VLAN's
	n = good(false, 188);
	frame[14] = 0x46; // options
	memmove(frame + 38, frame + 34, n - 34);
	base_bytes_put16(frame + 16, 32 + 188);
	CU_ASSERT_EQUAL(parse(n + 4), -1);
	CU_ASSERT_TRUE(out.offset == 46 && out.bytes == 188);
}

static void every_truncation(void)
{
	for (int vlan = 0; vlan < 2; vlan++) {
		size_t n = good(vlan, 188);

		for (size_t k = 0; k < n; k++)
			CU_ASSERT_EQUAL(parse(k), DP_DROP_TRUNCATED);
	}
}

// Sets one byte of a good frame and parses.
static int with(size_t at, uint8_t value)
{
	size_t n = good(false, 188);

	frame[at] = value;
	return parse(n);
}

static void refused(void)
{
	CU_ASSERT_EQUAL(with(13, 0x06), DP_DROP_NOT_IPV4); // ARP
	CU_ASSERT_EQUAL(with(14, 0x65), DP_DROP_NOT_IPV4);
	CU_ASSERT_EQUAL(with(14, 0x44), DP_DROP_NOT_IPV4); // a header of 16 bytes
	CU_ASSERT_EQUAL(with(20, 0x20), DP_DROP_FRAGMENT);
	CU_ASSERT_EQUAL(with(21, 0x01), DP_DROP_FRAGMENT);
	CU_ASSERT_EQUAL(with(20, 0x00), -1); // may be fragmented, was not
	CU_ASSERT_EQUAL(with(23, 6), DP_DROP_NOT_UDP);
	CU_ASSERT_EQUAL(with(16, 0xFF), DP_DROP_TRUNCATED);
	base_bytes_put16(frame + 16, 27);
	CU_ASSERT_EQUAL(parse(230), DP_DROP_TRUNCATED);
	CU_ASSERT_EQUAL(with(38, 0xFF), DP_DROP_TRUNCATED); // UDP over IP
	CU_ASSERT_EQUAL(with(38, 0x00), -1);
	CU_ASSERT_EQUAL(with(39, 0x07) == -1, 0);
	size_t n = good(true, 188);
	frame[17] = 0x06;
	CU_ASSERT_EQUAL(parse(n), DP_DROP_NOT_IPV4);
	n = good(true, 188);
	memcpy(frame + 16, "\x81\x00", 2); // two tags
	CU_ASSERT_EQUAL(parse(n), DP_DROP_NOT_IPV4);
}

// Makes the IPv4 payload of a good frame an IGMP message of 8 bytes: `type`, and a checksum that is off by `wrong`.
static size_t igmp(bool vlan, uint8_t type, unsigned wrong)
{
	size_t n = good(vlan, 0), at = n - 28;

	frame[at + 9] = 2;
	memset(frame + at + 20, 0, 8);
	frame[at + 20] = type;
	base_bytes_put16(frame + at + 22, 0xFFFFu - (type << 8) - wrong);
	return n;
}

static void tells_igmp(void)
{
	for (int vlan = 0; vlan < 2; vlan++) {
		size_t n = igmp(vlan, 0x11, 0);

		CU_ASSERT_EQUAL(parse(n), DP_DROP_NOT_UDP);
		CU_ASSERT_TRUE(out.igmp && out.igmp_query);
		CU_ASSERT_EQUAL(parse(n + 18), DP_DROP_NOT_UDP); // padding of the Ethernet
		CU_ASSERT_TRUE(out.igmp_query);
		CU_ASSERT_EQUAL(parse(n - 1), DP_DROP_TRUNCATED);
		CU_ASSERT_FALSE(out.igmp || out.igmp_query);
		parse(igmp(vlan, 0x11, 1)); // RFC 3376 clause 4.1.2
		CU_ASSERT_TRUE(out.igmp && !out.igmp_query);
		parse(igmp(vlan, 0x22, 0)); // a report
		CU_ASSERT_TRUE(out.igmp && !out.igmp_query);
	}
	// With Router Alert, as queries come (clause 4), and the 12 bytes of IGMPv3.
	size_t n = good(false, 4);

	frame[14] = 0x46;
	base_bytes_put16(frame + 16, 36);
	frame[23] = 2;
	memcpy(frame + 34, "\x94\x04\0\0\x11\x64\xEC\x1E\0\0\0\0\x02\x7D\0\0", 16);
	CU_ASSERT_EQUAL(parse(n + 4), DP_DROP_NOT_UDP);
	CU_ASSERT_TRUE(out.igmp_query);
	frame[14] = 0x45; // the option is the message then
	parse(n + 4);
	CU_ASSERT_TRUE(out.igmp && !out.igmp_query);
	CU_ASSERT_EQUAL(with(23, 6), DP_DROP_NOT_UDP);
	CU_ASSERT_FALSE(out.igmp || out.igmp_query);
	CU_ASSERT_EQUAL(parse(good(false, 188)), -1);
	CU_ASSERT_FALSE(out.igmp || out.igmp_query);
}

static int packets(enum dp_encapsulation encapsulation)
{
	return dp_frame_packets(&ts, &out, frame, encapsulation);
}

static void plain_udp(void)
{
	for (size_t bytes = 0; bytes <= 1504; bytes++) {
		int rc;

		parse(good(false, bytes));
		rc = packets(DP_ENCAP_UDP);
		CU_ASSERT_EQUAL(rc, bytes && bytes % 188 == 0 && bytes <= 1316 ? -1 : DP_DROP_NOT_TS);
		CU_ASSERT_EQUAL(packets(DP_ENCAP_AUTO), rc);
		if (rc == -1)
			CU_ASSERT_TRUE(ts.offset == 42 && ts.bytes == bytes && !ts.rtp);
	}
	parse(good(false, 188));
	CU_ASSERT_EQUAL(packets(DP_ENCAP_RTP), DP_DROP_NOT_TS); // 0x47 is no RTP
}

static void rtp(void)
{
	const struct ts_rtp header = {.payload_type = TS_RTP_PAYLOAD_TYPE_MP2T, .sequence = 0xBEEF};
	size_t n = good(false, 12 + 376);

	CU_ASSERT_EQUAL_FATAL(ts_rtp_write(frame + 42, 12, &header), 12);
	parse(n);
	for (int e = 0; e < 2; e++) {
		CU_ASSERT_EQUAL(packets(e ? DP_ENCAP_RTP : DP_ENCAP_AUTO), -1);
		CU_ASSERT_TRUE(ts.rtp && ts.rtp_sequence == 0xBEEF && ts.offset == 54 && ts.bytes == 376);
	}
	CU_ASSERT_EQUAL(packets(DP_ENCAP_UDP), DP_DROP_NOT_TS);
	frame[42] = 0x8F; // 15 CSRCs: what is left is no whole number of packets
	CU_ASSERT_EQUAL(packets(DP_ENCAP_RTP), DP_DROP_NOT_TS);
	frame[42] = 0xA0; // padding of 0x47 bytes
	CU_ASSERT_EQUAL(packets(DP_ENCAP_RTP), DP_DROP_NOT_TS);
	frame[42] = 0x40;
	CU_ASSERT_EQUAL(packets(DP_ENCAP_AUTO), DP_DROP_NOT_TS);
}

static const struct unit_test tests[] = {
	{"good ones", good_ones}, {"every truncation", every_truncation},
	{"refused", refused},     {"tells IGMP", tells_igmp},
	{"plain UDP", plain_udp}, {"RTP", rtp},
};

UNIT_MAIN("frame", tests)
