// SPDX-License-Identifier: GPL-3.0-or-later
// The long section header and its CRC_32.
#include <captured.h>
#include <ts_crc.h>
#include <ts_section.h>
#include <unit.h>

static void header_of_ffmpeg(void)
{
	uint8_t bytes[64];
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_NIT);
	struct ts_section s;

	CU_ASSERT_EQUAL_FATAL(n, 40);
	CU_ASSERT_EQUAL(ts_section_bytes(bytes), n);
	CU_ASSERT_EQUAL_FATAL(ts_section_parse(&s, bytes, n), 0);
	CU_ASSERT_EQUAL(s.table_id, 0x40);
	CU_ASSERT_EQUAL(s.extension, 0x20FA);
	CU_ASSERT_EQUAL(s.version, 0);
	CU_ASSERT_TRUE(s.current);
	CU_ASSERT_EQUAL(s.number, 0);
	CU_ASSERT_EQUAL(s.last, 0);
	CU_ASSERT_PTR_EQUAL(s.body, bytes + 8);
	CU_ASSERT_EQUAL(s.body_bytes, 28);
}

// What ffmpeg wrote comes out again byte for byte: PSI with '0', SI with '1' after section_syntax_indicator.
static void writes_what_ffmpeg_wrote(void)
{
	static const char *const sections[] = {CAPTURED_PAT, CAPTURED_PMT, CAPTURED_SDT, CAPTURED_NIT,
					       CAPTURED_LONG_SDT};
	uint8_t bytes[1024], again[1024];

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		size_t n = captured_load(bytes, sizeof(bytes), sections[i]);
		struct ts_section s;

		CU_ASSERT_EQUAL_FATAL(ts_section_parse(&s, bytes, n), 0);
		CU_ASSERT_EQUAL_FATAL(ts_section_write(again, sizeof(again), &s), (int)n);
		CU_ASSERT_EQUAL(memcmp(bytes, again, n), 0);
	}
}

static void every_truncation_is_refused(void)
{
	uint8_t bytes[1024];
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_LONG_SDT);
	struct ts_section s;

	CU_ASSERT_EQUAL_FATAL(n, 798);
	for (size_t k = 0; k < n; k++) {
		uint8_t *cut = captured_exact(bytes, k);

		CU_ASSERT_EQUAL(ts_section_parse(&s, cut, k), -EBADMSG);
		free(cut);
	}
	CU_ASSERT_EQUAL(ts_section_parse(&s, bytes, n + 1), -EBADMSG);
}

static void every_flipped_bit_is_refused(void)
{
	uint8_t bytes[64];
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_PMT);
	struct ts_section s;

	for (size_t bit = 0; bit < n * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CU_ASSERT_EQUAL(ts_section_parse(&s, bytes, n), -EBADMSG);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CU_ASSERT_EQUAL(ts_section_parse(&s, bytes, n), 0);
}

// Short form with a right CRC_32 at its end is still no long section.
static void short_form_is_refused(void)
{
	uint8_t bytes[64];
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_PMT);
	struct ts_section s;

	bytes[1] &= 0x7F;
	base_bytes_put32(bytes + n - 4, ts_crc32(bytes, n - 4));
	CU_ASSERT_EQUAL(ts_crc32(bytes, n), 0);
	CU_ASSERT_EQUAL(ts_section_parse(&s, bytes, n), -EBADMSG);
}

static void size_limits(void)
{
	static uint8_t body[TS_SECTION_MAX_BYTES], out[TS_SECTION_MAX_BYTES + 16];
	static const struct {
		uint8_t table_id;
		size_t max_bytes;
	} cases[] = {{0x00, 1024}, {0x02, 1024}, {0x39, 1024}, {0x3A, 4096}, {0x3B, 4096}, {0x42, 4096}, {0x80, 4096}};

	memset(body, 0xA5, sizeof(body));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ts_section s = {.table_id = cases[i].table_id, .body = body, .version = 31, .current = true};
		struct ts_section back;
		size_t max = cases[i].max_bytes;

		s.body_bytes = max - 12;
		CU_ASSERT_EQUAL(ts_section_write(out, sizeof(out), &s), (int)max);
		CU_ASSERT_EQUAL(ts_section_parse(&back, out, max), 0);
		CU_ASSERT_EQUAL(back.body_bytes, max - 12);
		CU_ASSERT_EQUAL(back.version, 31);
		CU_ASSERT_EQUAL(ts_section_write(out, max - 1, &s), -ENOSPC);
		s.body_bytes++;
		CU_ASSERT_EQUAL(ts_section_write(out, sizeof(out), &s), -ENOSPC);
	}
}

// A PSI section of 1025 bytes with a right CRC_32.
static void over_1021_is_refused_in_psi(void)
{
	static uint8_t bytes[1025];
	struct ts_section s;

	bytes[0] = 0x02;
	base_bytes_put16(bytes + 1, 0xB000 | (sizeof(bytes) - 3));
	base_bytes_put32(bytes + sizeof(bytes) - 4, ts_crc32(bytes, sizeof(bytes) - 4));
	CU_ASSERT_EQUAL(ts_section_parse(&s, bytes, sizeof(bytes)), -EBADMSG);
	bytes[0] = 0x80;
	base_bytes_put32(bytes + sizeof(bytes) - 4, ts_crc32(bytes, sizeof(bytes) - 4));
	CU_ASSERT_EQUAL(ts_section_parse(&s, bytes, sizeof(bytes)), 0);
}

static void empty_body(void)
{
	struct ts_section s = {.table_id = 0x01, .extension = 0xFFFF}, back;
	uint8_t out[12];

	CU_ASSERT_EQUAL(ts_section_write(out, 11, &s), -ENOSPC);
	CU_ASSERT_EQUAL(ts_section_write(out, 0, &s), -ENOSPC);
	CU_ASSERT_EQUAL_FATAL(ts_section_write(out, sizeof(out), &s), 12);
	CU_ASSERT_EQUAL(ts_section_parse(&back, out, sizeof(out)), 0);
	CU_ASSERT_EQUAL(back.body_bytes, 0);
	CU_ASSERT_FALSE(back.current);
}

// The body may already stand in its place, or elsewhere in the same buffer.
static void body_may_overlap(void)
{
	for (size_t at = 0; at <= 16; at++) {
		uint8_t out[64];
		struct ts_section s = {.table_id = 0x80, .body = out + at, .body_bytes = 20}, back;

		for (size_t i = 0; i < 20; i++)
			out[at + i] = (uint8_t)(i * 7);
		CU_ASSERT_EQUAL_FATAL(ts_section_write(out, sizeof(out), &s), 32);
		CU_ASSERT_EQUAL_FATAL(ts_section_parse(&back, out, 32), 0);
		for (size_t i = 0; i < 20; i++)
			CU_ASSERT_EQUAL(back.body[i], (uint8_t)(i * 7));
	}
}

static const struct unit_test tests[] = {
	{"header of ffmpeg's NIT", header_of_ffmpeg},
	{"sections of ffmpeg come out again", writes_what_ffmpeg_wrote},
	{"every truncation is refused", every_truncation_is_refused},
	{"every flipped bit is refused", every_flipped_bit_is_refused},
	{"short form is refused", short_form_is_refused},
	{"size limits", size_limits},
	{"section_length over 1021 in PSI", over_1021_is_refused_in_psi},
	{"empty body", empty_body},
	{"body may overlap", body_may_overlap},
};

UNIT_MAIN("mpegts/section", tests)
