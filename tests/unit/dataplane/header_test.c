// SPDX-License-Identifier: GPL-3.0-or-later
// The header of an output against bytes written out by hand.
#include <string.h>

#include <base_bytes.h>
#include <unit.h>

#include "port/header.h"
#include "stage/dgram.h"

static const struct rte_ether_addr mac = {{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}};
static uint8_t header[DP_DGRAM_HEADER_MAX_BYTES + 8];

// RFC 1071: the sum over a header with its checksum is all ones.
static bool checksum_holds(const uint8_t *ip)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < 20; i += 2)
		sum += base_bytes_get16(ip + i);
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return sum == 0xFFFF;
}

static void untagged(void)
{
	static const struct dp_conf_output conf = {.group = 0xEF810203,
						   .udp_port = 5000,
						   .source = 0x0A000201,
						   .source_udp_port = 4000,
						   .ttl = 16,
						   .dscp = 34};
	// 239.129.2.3 is 01:00:5e:01:02:03: the lower 23 bits. Lengths: 1316 + 8 = 0x52C, and 20 more, 0x540.
	static const uint8_t want[42] = {0x01, 0x00, 0x5E, 0x01, 0x02, 0x03, 0x02, 0x11, 0x22, 0x33, 0x44,
					 0x55, 0x08, 0x00, 0x45, 0x88, 0x05, 0x40, 0x00, 0x00, 0x40, 0x00,
					 0x10, 0x11, 0x67, 0xA0, 0x0A, 0x00, 0x02, 0x01, 0xEF, 0x81, 0x02,
					 0x03, 0x0F, 0xA0, 0x13, 0x88, 0x05, 0x2C, 0x00, 0x00};

	memset(header, 0xEE, sizeof(header));
	CU_ASSERT_EQUAL_FATAL(dp_header_make(header, &conf, &mac), 42);
	CU_ASSERT_TRUE(checksum_holds(header + 14));
	CU_ASSERT_EQUAL(memcmp(header, want, sizeof(want)), 0);
	CU_ASSERT_EQUAL(header[42], 0xEE);
}

static void tagged(void)
{
	static const struct dp_conf_output conf = {.group = 0xEF010203,
						   .udp_port = 1,
						   .source = 1,
						   .source_udp_port = 2,
						   .ttl = 255,
						   .dscp = 63,
						   .vlan = 4094};

	memset(header, 0xEE, sizeof(header));
	CU_ASSERT_EQUAL_FATAL(dp_header_make(header, &conf, &mac), 46);
	CU_ASSERT_EQUAL(memcmp(header + 12, "\x81\x00\x0F\xFE\x08\x00\x45\xFC", 8), 0);
	CU_ASSERT_EQUAL(header[18 + 8], 255);
	CU_ASSERT_TRUE(checksum_holds(header + 18));
	CU_ASSERT_EQUAL(header[46], 0xEE);
}

static void resized(void)
{
	struct dp_conf_output conf = {.group = 0xEF010203, .udp_port = 5000, .source = 0x7F000001, .ttl = 1};

	for (uint16_t vlan = 0; vlan < 2; vlan++) {
		conf.vlan = vlan;
		uint8_t n = dp_header_make(header, &conf, &mac);

		for (unsigned packets = 1; packets <= 7; packets++) {
			dp_header_resize(header, n, packets * TS_PACKET_BYTES);
			CU_ASSERT_EQUAL(base_bytes_get16(header + n - 4), packets * 188 + 8);
			CU_ASSERT_EQUAL(base_bytes_get16(header + n - 26), packets * 188 + 28);
			CU_ASSERT_TRUE(checksum_holds(header + n - 28));
		}
	}
}

static const struct unit_test tests[] = {
	{"untagged", untagged},
	{"tagged", tagged},
	{"resized", resized},
};

UNIT_MAIN("header", tests)
