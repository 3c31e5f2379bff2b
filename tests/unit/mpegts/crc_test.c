// SPDX-License-Identifier: GPL-3.0-or-later
// CRC_32 against its check value, a bit-by-bit reckoning and sections that ffmpeg sealed.
#include <captured.h>
#include <ts_crc.h>
#include <unit.h>

static uint32_t bit_by_bit(const uint8_t *bytes, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n * 8; i++) {
		uint32_t bit = bytes[i / 8] >> (7 - i % 8) & 1;
		uint32_t top = crc >> 31;

		crc = crc << 1 ^ (top != bit ? 0x04C11DB7 : 0);
	}
	return crc;
}

// The check value of CRC-32/MPEG-2 in the catalogue of parametrised CRC algorithms.
static void check_value(void)
{
	CU_ASSERT_EQUAL(ts_crc32((const uint8_t *)"123456789", 9), 0x0376E6E7);
}

static void empty_is_initial(void)
{
	CU_ASSERT_EQUAL(ts_crc32((const uint8_t *)"", 0), UINT32_MAX);
}

static void every_byte_value(void)
{
	for (unsigned v = 0; v < 256; v++) {
		uint8_t bytes[3] = {(uint8_t)v, (uint8_t)(v ^ 0x5A), (uint8_t)~v};

		for (size_t n = 1; n <= sizeof(bytes); n++)
			CU_ASSERT_EQUAL(ts_crc32(bytes, n), bit_by_bit(bytes, n));
	}
}

static void sealed_sections_are_zero(void)
{
	static const char *const sections[] = {CAPTURED_PAT, CAPTURED_PMT,      CAPTURED_SDT,
					       CAPTURED_NIT, CAPTURED_LONG_SDT, COMPOSED_CAT};
	uint8_t bytes[1024];

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		size_t n = captured_load(bytes, sizeof(bytes), sections[i]);

		CU_ASSERT_FATAL(n > 4);
		CU_ASSERT_EQUAL(ts_crc32(bytes, n), 0);
		bytes[n / 2] ^= 0x20;
		CU_ASSERT_NOT_EQUAL(ts_crc32(bytes, n), 0);
	}
}

static const struct unit_test tests[] = {
	{"check value", check_value},
	{"empty input", empty_is_initial},
	{"every byte value as bit by bit", every_byte_value},
	{"sections of ffmpeg", sealed_sections_are_zero},
};

UNIT_MAIN("mpegts/crc", tests)
