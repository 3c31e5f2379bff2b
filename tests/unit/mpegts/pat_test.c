// SPDX-License-Identifier: GPL-3.0-or-later
// Program association section.
#include <captured.h>
#include <ts_crc.h>
#include <ts_pat.h>
#include <unit.h>

static uint8_t bytes[1024], out[1100];
static struct ts_pat pat, back;

static size_t load(void)
{
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_PAT);

	CU_ASSERT_EQUAL_FATAL(n, 24);
	return n;
}

// Seals a section with this body and header; returns its size.
static size_t seal(uint8_t table_id, uint8_t number, uint8_t last, size_t body_bytes)
{
	static const uint8_t body[1012];
	const struct ts_section s = {
		.table_id = table_id, .number = number, .last = last, .body = body, .body_bytes = body_bytes};
	int n = ts_section_write(bytes, sizeof(bytes), &s);

	CU_ASSERT_FATAL(n > 0);
	return (size_t)n;
}

static void of_ffmpeg(void)
{
	size_t n = load();

	CU_ASSERT_EQUAL_FATAL(ts_pat_parse(&pat, bytes, n), 0);
	CU_ASSERT_EQUAL(pat.transport_stream_id, 77);
	CU_ASSERT_EQUAL(pat.version, 0);
	CU_ASSERT_TRUE(pat.current);
	CU_ASSERT_EQUAL(pat.number, 0);
	CU_ASSERT_EQUAL(pat.last, 0);
	CU_ASSERT_EQUAL_FATAL(pat.n, 3);
	CU_ASSERT_TRUE(pat.program[0].number == 0 && pat.program[0].pid == TS_PID_NIT);
	CU_ASSERT_TRUE(pat.program[1].number == 101 && pat.program[1].pid == 0x1000);
	CU_ASSERT_TRUE(pat.program[2].number == 102 && pat.program[2].pid == 0x1001);
	// ffmpeg clears the reserved bits before the network PID; the standard's '111' comes out.
	bytes[10] |= 0xE0;
	base_bytes_put32(bytes + n - 4, ts_crc32(bytes, n - 4));
	CU_ASSERT_EQUAL_FATAL(ts_pat_write(out, sizeof(out), &pat), (int)n);
	CU_ASSERT_EQUAL(memcmp(out, bytes, n), 0);
}

static void every_truncation(void)
{
	size_t n = load();

	for (size_t k = 0; k < n; k++) {
		uint8_t *cut = captured_exact(bytes, k);

		CU_ASSERT_EQUAL(ts_pat_parse(&pat, cut, k), -EBADMSG);
		free(cut);
	}
}

static void body_is_whole_programs(void)
{
	for (size_t n = 0; n <= 1012; n++) {
		size_t size = seal(TS_PAT_TABLE_ID, 0, 0, n);
		uint8_t *exact = captured_exact(bytes, size);

		CU_ASSERT_EQUAL(ts_pat_parse(&pat, exact, size), n % 4 == 0 ? 0 : -EBADMSG);
		if (n % 4 == 0)
			CU_ASSERT_EQUAL(pat.n, n / 4);
		free(exact);
	}
}

static void wrong_headers(void)
{
	CU_ASSERT_EQUAL(ts_pat_parse(&pat, bytes, seal(0x01, 0, 0, 4)), -EBADMSG);
	CU_ASSERT_EQUAL(ts_pat_parse(&pat, bytes, seal(TS_PAT_TABLE_ID, 2, 1, 4)), -EBADMSG);
	CU_ASSERT_EQUAL(ts_pat_parse(&pat, bytes, seal(TS_PAT_TABLE_ID, 1, 1, 4)), 0);
}

static void fullest_round_trip(void)
{
	pat = (struct ts_pat){.transport_stream_id = 0xFFFE, .version = 31, .number = 3, .last = 255};
	pat.n = TS_PAT_PROGRAMS_MAX;
	for (size_t i = 0; i < pat.n; i++) {
		pat.program[i].number = (uint16_t)(65535 - i);
		pat.program[i].pid = (uint16_t)(0x1FFE - i);
	}
	CU_ASSERT_EQUAL_FATAL(ts_pat_write(out, sizeof(out), &pat), 1024);
	CU_ASSERT_EQUAL(ts_pat_write(out, 1023, &pat), -ENOSPC);
	CU_ASSERT_EQUAL_FATAL(ts_pat_parse(&back, out, 1024), 0);
	CU_ASSERT_EQUAL(back.transport_stream_id, 0xFFFE);
	CU_ASSERT_EQUAL(back.version, 31);
	CU_ASSERT_FALSE(back.current);
	CU_ASSERT_EQUAL(back.number, 3);
	CU_ASSERT_EQUAL(back.last, 255);
	CU_ASSERT_EQUAL_FATAL(back.n, pat.n);
	CU_ASSERT_EQUAL(memcmp(back.program, pat.program, sizeof(pat.program)), 0);
	pat.n++;
	CU_ASSERT_EQUAL(ts_pat_write(out, sizeof(out), &pat), -ENOSPC);
}

static const struct unit_test tests[] = {
	{"PAT of ffmpeg", of_ffmpeg},
	{"every truncation", every_truncation},
	{"the body is whole programs", body_is_whole_programs},
	{"wrong headers", wrong_headers},
	{"fullest round trip", fullest_round_trip},
};

UNIT_MAIN("mpegts/pat", tests)
