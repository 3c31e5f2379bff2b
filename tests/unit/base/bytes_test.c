// SPDX-License-Identifier: GPL-3.0-or-later
// Big-endian loads and stores, and hexadecimal text in both directions.
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <base_bytes.h>

#include <unit.h>

static void loads_are_big_endian(void)
{
	const uint8_t p[9] = {0xff, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88};

	CU_ASSERT_EQUAL(base_bytes_get16(p + 1), 0x8182);
	CU_ASSERT_EQUAL(base_bytes_get24(p + 1), 0x818283);
	CU_ASSERT_EQUAL(base_bytes_get32(p + 1), 0x81828384);
	CU_ASSERT_EQUAL(base_bytes_get64(p + 1), 0x8182838485868788);
}

static void stores_are_big_endian_and_stay_in_place(void)
{
	uint8_t p[6];

	memset(p, 0xee, sizeof(p));
	base_bytes_put16(p + 1, 0xabc18182);
	CU_ASSERT_EQUAL(memcmp(p, "\xee\x81\x82\xee\xee\xee", 6), 0);
	base_bytes_put24(p + 1, 0xab818283);
	CU_ASSERT_EQUAL(memcmp(p, "\xee\x81\x82\x83\xee\xee", 6), 0);
	base_bytes_put32(p + 1, 0x81828384);
	CU_ASSERT_EQUAL(memcmp(p, "\xee\x81\x82\x83\x84\xee", 6), 0);
}

static void hex_reads_both_cases(void)
{
	uint8_t out[9];

	memset(out, 0xee, sizeof(out));
	CU_ASSERT_EQUAL(base_bytes_from_hex(out, 8, "0123456789abCDEF", 16), 8);
	CU_ASSERT_EQUAL(memcmp(out, "\x01\x23\x45\x67\x89\xab\xcd\xef\xee", 9), 0);
	CU_ASSERT_EQUAL(base_bytes_from_hex(out, 0, "", 0), 0);
	CU_ASSERT_EQUAL(out[0], 0x01);
}

// Every byte value in either place of a pair: exactly the 22 digits are accepted, with their values.
static void hex_accepts_exactly_the_digits(void)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";

	for (int c = 0; c < 256; c++) {
		const char *at = memchr(digits, c, 32);
		const char low[2] = {'0', (char)c}, high[2] = {(char)c, '0'};
		int value = at ? (int)(at - digits) % 16 : -1;
		uint8_t out = 0xee;

		CU_ASSERT_EQUAL(base_bytes_from_hex(&out, 1, low, 2), value < 0 ? -EINVAL : 1);
		CU_ASSERT_EQUAL(out, value < 0 ? 0xee : value);
		out = 0xee;
		CU_ASSERT_EQUAL(base_bytes_from_hex(&out, 1, high, 2), value < 0 ? -EINVAL : 1);
		CU_ASSERT_EQUAL(out, value < 0 ? 0xee : value << 4);
	}
}

static void hex_refuses_what_does_not_fit(void)
{
	uint8_t out[4];

	memset(out, 0xee, sizeof(out));
	CU_ASSERT_EQUAL(base_bytes_from_hex(out, 4, "123", 3), -EINVAL);
	CU_ASSERT_EQUAL(base_bytes_from_hex(out, 1, "1234", 4), -ENOSPC);
	CU_ASSERT_EQUAL(base_bytes_from_hex(out, SIZE_MAX, "", (size_t)INT_MAX * 2 + 2), -ENOSPC);
	CU_ASSERT_EQUAL(memcmp(out, "\xee\xee\xee\xee", 4), 0);
	CU_ASSERT_EQUAL(base_bytes_from_hex(out, 4, "12x456", 6), -EINVAL);
	CU_ASSERT_EQUAL(memcmp(out, "\x12\xee\xee\xee", 4), 0);
}

static void hex_writes_lower_case(void)
{
	uint8_t bytes[256], back[256];
	char text[513];

	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	CU_ASSERT_EQUAL(base_bytes_to_hex(text, sizeof(text), bytes, 256), 512);
	CU_ASSERT_EQUAL(strlen(text), 512);
	CU_ASSERT_EQUAL(strspn(text, "0123456789abcdef"), 512);
	CU_ASSERT_STRING_EQUAL(text + 508, "feff");
	CU_ASSERT_EQUAL(base_bytes_from_hex(back, 256, text, 512), 256);
	CU_ASSERT_EQUAL(memcmp(back, bytes, 256), 0);
}

static void hex_needs_room_for_the_zero(void)
{
	char text[5] = "....";

	CU_ASSERT_EQUAL(base_bytes_to_hex(text, 4, (const uint8_t *)"\x12\x34", 2), -ENOSPC);
	CU_ASSERT_STRING_EQUAL(text, "....");
	CU_ASSERT_EQUAL(base_bytes_to_hex(text, 0, (const uint8_t *)"", 0), -ENOSPC);
	CU_ASSERT_EQUAL(base_bytes_to_hex(text, SIZE_MAX, (const uint8_t *)"", SIZE_MAX / 2 + 1), -ENOSPC);
	CU_ASSERT_EQUAL(base_bytes_to_hex(text, 5, (const uint8_t *)"\x12\x34", 2), 4);
	CU_ASSERT_STRING_EQUAL(text, "1234");
	CU_ASSERT_EQUAL(base_bytes_to_hex(text, 1, (const uint8_t *)"", 0), 0);
	CU_ASSERT_STRING_EQUAL(text, "");
}

static const struct unit_test tests[] = {
	{"loads are big-endian", loads_are_big_endian},
	{"stores are big-endian and stay in place", stores_are_big_endian_and_stay_in_place},
	{"hex reads both cases", hex_reads_both_cases},
	{"hex accepts exactly the digits", hex_accepts_exactly_the_digits},
	{"hex refuses what does not fit", hex_refuses_what_does_not_fit},
	{"hex writes lower case", hex_writes_lower_case},
	{"hex needs room for the zero", hex_needs_room_for_the_zero},
};

UNIT_MAIN("base_bytes", tests)
