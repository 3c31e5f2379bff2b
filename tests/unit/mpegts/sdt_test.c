// SPDX-License-Identifier: GPL-3.0-or-later
// Service description section.
#include <captured.h>
#include <ts_sdt.h>
#include <unit.h>

static uint8_t bytes[1100], out[1100];
static struct ts_sdt sdt, back;

static size_t load(const char *hex)
{
	size_t n = captured_load(bytes, sizeof(bytes), hex);

	CU_ASSERT_FATAL(n > 0);
	return n;
}

static int seal_and_parse(size_t body_bytes, uint8_t table_id, uint8_t number, uint8_t last)
{
	const struct ts_section s = {
		.table_id = table_id, .number = number, .last = last, .body = bytes + 8, .body_bytes = body_bytes};
	int size = ts_section_write(out, sizeof(out), &s);

	CU_ASSERT_FATAL(size > 0);

	uint8_t *exact = captured_exact(out, (size_t)size);
	int rc = ts_sdt_parse(&back, exact, (size_t)size);

	free(exact);
	return rc;
}

static void of_ffmpeg(void)
{
	struct ts_desc desc;
	size_t n = load(CAPTURED_SDT);

	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&sdt, bytes, n), 0);
	CU_ASSERT_EQUAL(sdt.table_id, TS_SDT_ACTUAL_TABLE_ID);
	CU_ASSERT_EQUAL(sdt.transport_stream_id, 77);
	CU_ASSERT_EQUAL(sdt.version, 0);
	CU_ASSERT_TRUE(sdt.current);
	CU_ASSERT_EQUAL(sdt.number, 0);
	CU_ASSERT_EQUAL(sdt.last, 0);
	CU_ASSERT_EQUAL(sdt.original_network_id, 8442);
	CU_ASSERT_EQUAL_FATAL(sdt.n, 2);
	for (size_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(sdt.service[i].service_id, 101 + i);
		CU_ASSERT_EQUAL(sdt.service[i].running_status, 4);
		CU_ASSERT_FALSE(sdt.service[i].free_ca_mode);
		CU_ASSERT_TRUE(ts_desc_find(&sdt.service[i].info, 0x48, &desc));
	}
	CU_ASSERT_PTR_EQUAL(sdt.service[0].bytes, bytes + 11);
	CU_ASSERT_PTR_EQUAL(sdt.service[1].bytes, bytes + 11 + 19);
	CU_ASSERT_TRUE_FATAL(ts_desc_find(&sdt.service[0].info, 0x48, &desc));
	CU_ASSERT_EQUAL(memcmp(desc.bytes,
			       "\x01\x06"
			       "FFmpeg\x03"
			       "Egy",
			       12),
			0);
}

static void long_one_of_ffmpeg(void)
{
	size_t n = load(CAPTURED_LONG_SDT);

	CU_ASSERT_EQUAL_FATAL(n, 798);
	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&sdt, bytes, n), 0);
	CU_ASSERT_EQUAL_FATAL(sdt.n, 24);
	for (size_t i = 0; i < 24; i++)
		CU_ASSERT_EQUAL(sdt.service[i].service_id, 1001 + i);
}

// All services with free_CA_mode turned: only these bits, the version and the CRC_32 change, and change back.
static void free_ca_mode_there_and_back(void)
{
	uint8_t turned[64], again[64];
	size_t n = load(CAPTURED_SDT), m;

	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&sdt, bytes, n), 0);
	m = ts_sdt_begin(turned, bytes);
	for (size_t i = 0; i < sdt.n; i++)
		m = ts_sdt_add(turned, m, &sdt.service[i], i == 1);
	m = ts_sdt_end(turned, m, 33);
	CU_ASSERT_EQUAL_FATAL(m, n);
	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&back, turned, n), 0);
	CU_ASSERT_EQUAL(back.version, 1);
	CU_ASSERT_TRUE(back.current);
	CU_ASSERT_FALSE(back.service[0].free_ca_mode);
	CU_ASSERT_TRUE(back.service[1].free_ca_mode);
	CU_ASSERT_EQUAL(back.service[1].running_status, 4);
	CU_ASSERT_EQUAL(back.service[1].info.n, sdt.service[1].info.n);
	m = ts_sdt_begin(again, turned);
	for (size_t i = 0; i < back.n; i++)
		m = ts_sdt_add(again, m, &back.service[i], false);
	CU_ASSERT_EQUAL(ts_sdt_end(again, m, 0), n);
	CU_ASSERT_EQUAL(memcmp(again, bytes, n), 0);
}

// Some of the services, and none.
static void fewer_services(void)
{
	size_t n = load(CAPTURED_LONG_SDT), m;

	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&sdt, bytes, n), 0);
	m = ts_sdt_begin(out, bytes);
	for (size_t i = 3; i < 24; i += 20)
		m = ts_sdt_add(out, m, &sdt.service[i], true);
	m = ts_sdt_end(out, m, sdt.version);
	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&back, out, m), 0);
	CU_ASSERT_EQUAL_FATAL(back.n, 2);
	CU_ASSERT_TRUE(back.service[0].service_id == 1004 && back.service[1].service_id == 1024);
	CU_ASSERT_EQUAL(back.service[1].info.n, sdt.service[23].info.n);
	CU_ASSERT_EQUAL(memcmp(back.service[1].info.bytes, sdt.service[23].info.bytes, back.service[1].info.n), 0);
	m = ts_sdt_end(out, ts_sdt_begin(out, bytes), 7);
	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&back, out, m), 0);
	CU_ASSERT_TRUE(back.n == 0 && back.version == 7 && back.original_network_id == sdt.original_network_id);
}

static void every_truncation(void)
{
	size_t n = load(CAPTURED_SDT);

	for (size_t k = 0; k < n; k++) {
		uint8_t *cut = captured_exact(bytes, k);

		CU_ASSERT_EQUAL(ts_sdt_parse(&sdt, cut, k), -EBADMSG);
		free(cut);
	}
}

// Cut and sealed again: whole only where a service ends.
static void every_sealed_truncation(void)
{
	load(CAPTURED_SDT);
	for (size_t k = 0; k <= 45; k++) {
		bool whole = k == 3 || k == 22 || k == 45;

		CU_ASSERT_EQUAL(seal_and_parse(k, TS_SDT_ACTUAL_TABLE_ID, 0, 0), whole ? 0 : -EBADMSG);
	}
}

static void wrong_headers(void)
{
	load(CAPTURED_SDT);
	CU_ASSERT_EQUAL(seal_and_parse(45, TS_SDT_OTHER_TABLE_ID, 1, 1), 0);
	CU_ASSERT_EQUAL(back.table_id, TS_SDT_OTHER_TABLE_ID);
	CU_ASSERT_EQUAL(seal_and_parse(45, 0x4A, 0, 0), -EBADMSG);
	CU_ASSERT_EQUAL(seal_and_parse(45, TS_SDT_ACTUAL_TABLE_ID, 2, 1), -EBADMSG);
}

static void malformed_descriptor(void)
{
	load(CAPTURED_SDT);
	bytes[8 + 3 + 5 + 1]++; // descriptor_length of the first service
	CU_ASSERT_EQUAL(seal_and_parse(45, TS_SDT_ACTUAL_TABLE_ID, 0, 0), -EBADMSG);
}

static void size_limits(void)
{
	memset(bytes, 0, sizeof(bytes));
	CU_ASSERT_EQUAL(seal_and_parse(3 + 201 * 5, TS_SDT_ACTUAL_TABLE_ID, 0, 0), 0);
	CU_ASSERT_EQUAL(back.n, TS_SDT_SERVICES_MAX);
	CU_ASSERT_EQUAL(seal_and_parse(3 + 202 * 5, TS_SDT_ACTUAL_TABLE_ID, 0, 0), -EBADMSG);
}

static const struct unit_test tests[] = {
	{"SDT of ffmpeg", of_ffmpeg},
	{"798 bytes of ffmpeg", long_one_of_ffmpeg},
	{"free_CA_mode there and back", free_ca_mode_there_and_back},
	{"fewer services", fewer_services},
	{"every truncation", every_truncation},
	{"every sealed truncation", every_sealed_truncation},
	{"wrong headers", wrong_headers},
	{"malformed descriptor", malformed_descriptor},
	{"size limits", size_limits},
};

UNIT_MAIN("mpegts/sdt", tests)
