// SPDX-License-Identifier: GPL-3.0-or-later
// One section into packets.
#include <captured.h>
#include <ts_section.h>
#include <unit.h>

static uint8_t packets[TS_SECTION_MAX_PKTS + 1][TS_PACKET_BYTES];
static uint8_t section[TS_SECTION_MAX_BYTES + 1];

static void fill_section(size_t n)
{
	section[0] = 0x80;
	base_bytes_put16(section + 1, 0x7000 | (unsigned)(n - 3));
	for (size_t i = 3; i < n; i++)
		section[i] = (uint8_t)(i * 31 + 1);
}

// Every byte of every packet is what the standard says, for every size of section.
static void every_size(void)
{
	uint8_t cc = 14;

	for (size_t n = 3; n <= TS_SECTION_MAX_BYTES; n++) {
		size_t want = n <= 183 ? 1 : 1 + (n - 183 + 183) / 184, taken = 0;
		uint8_t first = cc;

		fill_section(n);
		memset(packets, 0, sizeof(packets));
		CU_ASSERT_EQUAL_FATAL(ts_section_packetize(packets, want, section, n, 0x1ABC, &cc), (int)want);
		CU_ASSERT_EQUAL(cc, (first + want) % 16);

		size_t wrong = 0;

		for (size_t i = 0; i < want; i++) {
			const uint8_t *p = packets[i];
			const uint8_t header[4] = {0x47, i == 0 ? 0x5A : 0x1A, 0xBC,
						   (uint8_t)(0x10 | (first + i) % 16)};

			wrong += memcmp(p, header, 4) != 0;
			wrong += i == 0 && p[4] != 0;
			for (size_t at = i == 0 ? 5 : 4; at < TS_PACKET_BYTES; at++, taken++)
				wrong += p[at] != (taken < n ? section[taken] : 0xFF);
		}
		CU_ASSERT_EQUAL(wrong, 0);
		CU_ASSERT_EQUAL(packets[want][0], 0);
	}
}

static void largest_takes_23_packets(void)
{
	uint8_t cc = 0;

	fill_section(TS_SECTION_MAX_BYTES);
	CU_ASSERT_EQUAL(ts_section_packetize(packets, TS_SECTION_MAX_PKTS, section, TS_SECTION_MAX_BYTES, 1, &cc), 23);
	CU_ASSERT_EQUAL(cc, 7);
}

static void refusals_write_nothing(void)
{
	uint8_t cc = 5;

	fill_section(184);
	memset(packets, 0xEE, sizeof(packets));
	CU_ASSERT_EQUAL(ts_section_packetize(packets, 1, section, 184, 1, &cc), -ENOSPC);
	CU_ASSERT_EQUAL(ts_section_packetize(packets, 0, section, 3, 1, &cc), -ENOSPC);
	CU_ASSERT_EQUAL(ts_section_packetize(packets, 24, section, 2, 1, &cc), -EBADMSG);
	CU_ASSERT_EQUAL(ts_section_packetize(packets, 24, section, TS_SECTION_MAX_BYTES + 1, 1, &cc), -EBADMSG);
	CU_ASSERT_EQUAL(cc, 5);
	for (size_t i = 0; i < sizeof(packets); i++)
		CU_ASSERT_EQUAL_FATAL((&packets[0][0])[i], 0xEE);
}

static const struct unit_test tests[] = {
	{"every size of section", every_size},
	{"4096 bytes take 23 packets", largest_takes_23_packets},
	{"refusals write nothing", refusals_write_nothing},
};

UNIT_MAIN("mpegts/packetize", tests)
