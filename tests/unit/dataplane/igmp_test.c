// SPDX-License-Identifier: GPL-3.0-or-later
// IGMPv3 reports against bytes written out by hand, and what is a query.
#include <string.h>

#include <base_bytes.h>
#include <unit.h>

#include "port/igmp.h"

static const uint8_t mac[6] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};
static uint8_t frame[DP_IGMP_FRAME_MAX_BYTES + 8];

// RFC 1071: the sum over bytes with their checksum is all ones.
static bool checksum_holds(const uint8_t *p, unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i += 2)
		sum += base_bytes_get16(p + i);
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return sum == 0xFFFF;
}

// The report for an input; its size. Nothing behind it is written.
static unsigned make(const struct dp_conf_input *input, enum dp_igmp_event event, uint32_t address)
{
	memset(frame, 0xEE, sizeof(frame));
	unsigned n = dp_igmp_report(frame, input, event, mac, address);

	CU_ASSERT_FATAL(n <= DP_IGMP_FRAME_MAX_BYTES);
	CU_ASSERT_EQUAL(frame[n], 0xEE);
	return n;
}

static void any_source(void)
{
	static const struct dp_conf_input input = {.group = 0xEF010203, .udp_port = 5000};
	// Sums: 46c0 + 0028 + 0102 + c0a8 + 0007 + e000 + 0016 + 9404 = 27cb3, 7cb5; 2200 + 1 + 0400 + ef01 + 0203 =
	// 11705, 1706.
	static const uint8_t want[54] = {
		0x01, 0x00, 0x5E, 0x00, 0x00, 0x16, 0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0x08, 0x00, // to 224.0.0.22
		0x46, 0xC0, 0x00, 0x28, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x83, 0x4A,             // IPv4
		0xC0, 0xA8, 0x00, 0x07, 0xE0, 0x00, 0x00, 0x16, 0x94, 0x04, 0x00, 0x00,             // Router Alert
		0x22, 0x00, 0xE8, 0xF9, 0x00, 0x00, 0x00, 0x01, // report, one record
		0x04, 0x00, 0x00, 0x00, 0xEF, 0x01, 0x02, 0x03, // to exclude nobody
	};

	CU_ASSERT_EQUAL(make(&input, DP_IGMP_JOIN, 0xC0A80007), sizeof(want));
	CU_ASSERT_EQUAL(memcmp(frame, want, sizeof(want)), 0);
}

// RFC 3376 clause 4.2.12: record types of a join, of the state and of a leave.
static void events(void)
{
	static const uint8_t asm_type[] = {4, 2, 3}, ssm_type[] = {5, 1, 6};
	struct dp_conf_input input = {.group = 0xE8010203};

	for (int ssm = 0; ssm < 2; ssm++)
		for (unsigned event = DP_IGMP_JOIN; event <= DP_IGMP_LEAVE; event++) {
			unsigned bytes = ssm ? 20 : 16;

			input.source = ssm ? 0xC0000209 : 0;
			CU_ASSERT_EQUAL(make(&input, (enum dp_igmp_event)event, 0), 38 + bytes);
			CU_ASSERT_EQUAL(base_bytes_get16(frame + 16), 24 + bytes);
			CU_ASSERT_EQUAL(base_bytes_get32(frame + 26), 0); // clause 4.2.13
			CU_ASSERT_TRUE(checksum_holds(frame + 14, 24));
			CU_ASSERT_TRUE(checksum_holds(frame + 38, bytes));
			CU_ASSERT_EQUAL(frame[38], 0x22);
			CU_ASSERT_EQUAL(frame[46], ssm ? ssm_type[event] : asm_type[event]);
			CU_ASSERT_EQUAL(base_bytes_get16(frame + 48), ssm);
			CU_ASSERT_EQUAL(base_bytes_get32(frame + 50), 0xE8010203);
			if (ssm)
				CU_ASSERT_EQUAL(base_bytes_get32(frame + 54), 0xC0000209);
		}
}

// The tag stands before the type; what follows is the same.
static void tagged(void)
{
	struct dp_conf_input input = {.group = 0xEF010203, .source = 0xC0000209};
	uint8_t untagged[DP_IGMP_FRAME_MAX_BYTES];
	unsigned n = make(&input, DP_IGMP_STATE, 0x0A000001);

	memcpy(untagged, frame, n);
	input.vlan = 100;
	CU_ASSERT_EQUAL(make(&input, DP_IGMP_STATE, 0x0A000001), DP_IGMP_FRAME_MAX_BYTES);
	CU_ASSERT_EQUAL(n + 4, DP_IGMP_FRAME_MAX_BYTES);
	CU_ASSERT_EQUAL(memcmp(frame, untagged, 12), 0);
	CU_ASSERT_EQUAL(memcmp(frame + 12, "\x81\x00\x00\x64", 4), 0);
	CU_ASSERT_EQUAL(memcmp(frame + 16, untagged + 12, n - 12), 0);
}

static void queries(void)
{
	static const uint8_t v1[8] = {0x11, 0x00, 0xEE, 0xFF}, v2[8] = {0x11, 0x64, 0xEE, 0x9B};
	static const uint8_t v3[12] = {0x11, 0x64, 0xEC, 0x1E, 0, 0, 0, 0, 0x02, 0x7D};
	static const uint8_t wrong[8] = {0x11, 0x64, 0xEE, 0x9C}, leave[8] = {0x17, 0x00, 0xE8, 0xFF};

	CU_ASSERT_TRUE(dp_igmp_is_query(v1, 8));
	CU_ASSERT_TRUE(dp_igmp_is_query(v2, 8));
	CU_ASSERT_TRUE(dp_igmp_is_query(v3, 12));
	CU_ASSERT_FALSE(dp_igmp_is_query(v2, 7));
	CU_ASSERT_FALSE(dp_igmp_is_query(v2, 0));
	CU_ASSERT_FALSE(dp_igmp_is_query(wrong, 8));
	CU_ASSERT_FALSE(dp_igmp_is_query(leave, 8));
}

static void who_speaks(void)
{
	for (unsigned driver = 0; driver < DP_PORT_DRIVERS; driver++)
		CU_ASSERT_EQUAL(dp_igmp_speaks((enum dp_port_driver)driver),
				driver == DP_PORT_AF_PACKET || driver == DP_PORT_PCI);
}

static const struct unit_test tests[] = {
	{"any source", any_source}, {"events", events},         {"tagged", tagged},
	{"queries", queries},       {"who speaks", who_speaks},
};

UNIT_MAIN("igmp", tests)
