// SPDX-License-Identifier: GPL-3.0-or-later
// Packet mode: every size of an ECM, byte by byte.
#include <string.h>

#include <unit.h>

#include "ecmg/packets.h"

static void test_every_size(void)
{
	for (size_t n = 4; n <= KM_MSG_ECM_BYTES; n++) {
		uint8_t section[KM_MSG_ECM_BYTES], out[CAS_PACKETS_BYTES + 1];
		size_t packets = n + 1 > 184 ? 2 : 1, at = 0;

		for (size_t i = 0; i < n; i++)
			section[i] = (uint8_t)(i * 3 + n);
		section[0] = 0x80;
		section[1] = 0x70 | (uint8_t)((n - 3) >> 8);
		section[2] = (uint8_t)(n - 3);
		out[packets * 188] = 0x5A;
		CU_ASSERT_EQUAL(cas_packets_make(out, section, n), packets * 188);
		CU_ASSERT_EQUAL(out[packets * 188], 0x5A);
		for (size_t p = 0; p < packets; p++) {
			const uint8_t *packet = out + p * 188;

			CU_ASSERT_EQUAL(packet[0], 0x47);
			CU_ASSERT_EQUAL(packet[1], p == 0 ? 0x5F : 0x1F);
			CU_ASSERT_EQUAL(packet[2], 0xFF);
			CU_ASSERT_EQUAL(packet[3], 0x10 | p);
			CU_ASSERT_TRUE(p > 0 || packet[4] == 0);
			for (size_t i = p == 0 ? 5 : 4; i < 188; i++, at++)
				if (packet[i] != (at < n ? section[at] : 0xFF))
					CU_FAIL("another byte");
		}
	}
}

static const struct unit_test tests[] = {{"every size", test_every_size}};

UNIT_MAIN("cas-packets", tests)
