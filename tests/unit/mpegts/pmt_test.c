// SPDX-License-Identifier: GPL-3.0-or-later
// Program map section.
#include <captured.h>
#include <ts_pmt.h>
#include <unit.h>

static uint8_t bytes[1024], out[1100];
static struct ts_pmt pmt, back;

static size_t load(void)
{
	size_t n = captured_load(bytes, sizeof(bytes), CAPTURED_PMT);

	CU_ASSERT_EQUAL_FATAL(n, 32);
	return n;
}

static int seal_and_parse(const uint8_t *body, size_t n, uint8_t table_id, uint8_t number, uint8_t last)
{
	const struct ts_section s = {
		.table_id = table_id, .number = number, .last = last, .body = body, .body_bytes = n};
	int size = ts_section_write(out, sizeof(out), &s);

	CU_ASSERT_FATAL(size > 0);

	uint8_t *exact = captured_exact(out, (size_t)size);
	int rc = ts_pmt_parse(&pmt, exact, (size_t)size);

	free(exact);
	return rc;
}

static void of_ffmpeg(void)
{
	struct ts_desc desc;
	size_t n = load();

	CU_ASSERT_EQUAL_FATAL(ts_pmt_parse(&pmt, bytes, n), 0);
	CU_ASSERT_EQUAL(pmt.program_number, 101);
	CU_ASSERT_EQUAL(pmt.version, 0);
	CU_ASSERT_TRUE(pmt.current);
	CU_ASSERT_EQUAL(pmt.pcr_pid, 0x0100);
	CU_ASSERT_EQUAL(pmt.info.n, 0);
	CU_ASSERT_EQUAL_FATAL(pmt.n, 2);
	CU_ASSERT_EQUAL(pmt.stream[0].stream_type, 0x02);
	CU_ASSERT_EQUAL(pmt.stream[0].pid, 0x0100);
	CU_ASSERT_EQUAL(pmt.stream[0].info.n, 0);
	CU_ASSERT_EQUAL(pmt.stream[1].stream_type, 0x03);
	CU_ASSERT_EQUAL(pmt.stream[1].pid, 0x0101);
	CU_ASSERT_TRUE_FATAL(ts_desc_find(&pmt.stream[1].info, 0x0A, &desc));
	CU_ASSERT_EQUAL(memcmp(desc.bytes, "hun", 3), 0);
	CU_ASSERT_EQUAL_FATAL(ts_pmt_write(out, sizeof(out), &pmt), (int)n);
	CU_ASSERT_EQUAL(memcmp(out, bytes, n), 0);
}

static void every_truncation(void)
{
	size_t n = load();

	for (size_t k = 0; k < n; k++) {
		uint8_t *cut = captured_exact(bytes, k);

		CU_ASSERT_EQUAL(ts_pmt_parse(&pmt, cut, k), -EBADMSG);
		free(cut);
	}
}

// Cut and sealed again: whole only where a stream ends.
static void every_sealed_truncation(void)
{
	load();
	for (size_t k = 0; k <= 20; k++) {
		bool whole = k == 4 || k == 9 || k == 20;

		CU_ASSERT_EQUAL(seal_and_parse(bytes + 8, k, TS_PMT_TABLE_ID, 0, 0), whole ? 0 : -EBADMSG);
	}
}

static void wrong_headers(void)
{
	load();
	CU_ASSERT_EQUAL(seal_and_parse(bytes + 8, 20, TS_PMT_TABLE_ID, 0, 0), 0);
	CU_ASSERT_EQUAL(seal_and_parse(bytes + 8, 20, 0x03, 0, 0), -EBADMSG);
	CU_ASSERT_EQUAL(seal_and_parse(bytes + 8, 20, TS_PMT_TABLE_ID, 0, 1), -EBADMSG);
	CU_ASSERT_EQUAL(seal_and_parse(bytes + 8, 20, TS_PMT_TABLE_ID, 1, 1), -EBADMSG);
}

static void malformed_loops(void)
{
	static const uint8_t program_descriptor[] = {0xE1, 0x00, 0xF0, 0x03, 0x09, 0x02, 0x4A};
	static const uint8_t stream_descriptor[] = {0xE1, 0x00, 0xF0, 0x00, 0x02, 0xE1, 0x00, 0xF0, 0x02, 0x52, 0x01};
	static const uint8_t program_length[] = {0xE1, 0x00, 0xF0, 0x01};

	CU_ASSERT_EQUAL(seal_and_parse(program_descriptor, sizeof(program_descriptor), 2, 0, 0), -EBADMSG);
	CU_ASSERT_EQUAL(seal_and_parse(stream_descriptor, sizeof(stream_descriptor), 2, 0, 0), -EBADMSG);
	CU_ASSERT_EQUAL(seal_and_parse(program_length, sizeof(program_length), 2, 0, 0), -EBADMSG);
}

static void fullest_round_trip(void)
{
	static const uint8_t info[] = {0x09, 4, 0x4A, 0xEE, 0xE1, 0x00, 0x65, 1, 0x02};

	pmt = (struct ts_pmt){.program_number = 65535, .version = 31, .pcr_pid = 0x1FFF, .n = TS_PMT_STREAMS_MAX};
	for (size_t i = 0; i < pmt.n; i++) {
		pmt.stream[i].stream_type = (uint8_t)i;
		pmt.stream[i].pid = (uint16_t)(0x1FFE - i);
	}
	CU_ASSERT_EQUAL_FATAL(ts_pmt_write(out, sizeof(out), &pmt), 1021);
	CU_ASSERT_EQUAL(ts_pmt_write(out, 1020, &pmt), -ENOSPC);
	CU_ASSERT_EQUAL_FATAL(ts_pmt_parse(&back, out, 1021), 0);
	CU_ASSERT_EQUAL(back.program_number, 65535);
	CU_ASSERT_EQUAL(back.version, 31);
	CU_ASSERT_FALSE(back.current);
	CU_ASSERT_EQUAL(back.pcr_pid, 0x1FFF);
	CU_ASSERT_EQUAL_FATAL(back.n, pmt.n);
	for (size_t i = 0; i < back.n; i++) {
		CU_ASSERT_EQUAL(back.stream[i].stream_type, (uint8_t)i);
		CU_ASSERT_EQUAL(back.stream[i].pid, 0x1FFE - i);
		CU_ASSERT_EQUAL(back.stream[i].info.n, 0);
	}
	// One descriptor more than fits, in the program's loop and in a stream's.
	pmt.info = (struct ts_desc_loop){info, sizeof(info)};
	CU_ASSERT_EQUAL(ts_pmt_write(out, sizeof(out), &pmt), -ENOSPC);
	pmt.info.n = 0;
	pmt.stream[200].info = (struct ts_desc_loop){info, sizeof(info)};
	CU_ASSERT_EQUAL(ts_pmt_write(out, sizeof(out), &pmt), -ENOSPC);
	pmt.n = 150;
	pmt.info.n = sizeof(info);
	pmt.stream[149].info = (struct ts_desc_loop){info, sizeof(info)};
	CU_ASSERT_EQUAL_FATAL(ts_pmt_write(out, sizeof(out), &pmt), 16 + 150 * 5 + 18);
	CU_ASSERT_EQUAL_FATAL(ts_pmt_parse(&back, out, 16 + 150 * 5 + 18), 0);
	CU_ASSERT_EQUAL_FATAL(back.info.n, sizeof(info));
	CU_ASSERT_EQUAL(memcmp(back.info.bytes, info, sizeof(info)), 0);
	CU_ASSERT_EQUAL_FATAL(back.stream[149].info.n, sizeof(info));
	CU_ASSERT_EQUAL(memcmp(back.stream[149].info.bytes, info, sizeof(info)), 0);
}

static void loop_over_the_section(void)
{
	static const uint8_t info[2000];

	pmt = (struct ts_pmt){.info = {info, 1008}};
	CU_ASSERT_EQUAL(ts_pmt_write(out, sizeof(out), &pmt), 1024);
	pmt.info.n = 1009;
	CU_ASSERT_EQUAL(ts_pmt_write(out, sizeof(out), &pmt), -ENOSPC);
	pmt.info.n = SIZE_MAX;
	CU_ASSERT_EQUAL(ts_pmt_write(out, sizeof(out), &pmt), -ENOSPC);
}

static const struct unit_test tests[] = {
	{"PMT of ffmpeg", of_ffmpeg},
	{"every truncation", every_truncation},
	{"every sealed truncation", every_sealed_truncation},
	{"wrong headers", wrong_headers},
	{"malformed loops", malformed_loops},
	{"fullest round trip", fullest_round_trip},
	{"loop over the section", loop_over_the_section},
};

UNIT_MAIN("mpegts/pmt", tests)
