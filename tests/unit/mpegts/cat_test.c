// SPDX-License-Identifier: GPL-3.0-or-later
// Conditional access section.
#include <captured.h>
#include <ts_cat.h>
#include <unit.h>

static uint8_t bytes[1024], out[1100];

static size_t load(void)
{
	size_t n = captured_load(bytes, sizeof(bytes), COMPOSED_CAT);

	CU_ASSERT_EQUAL_FATAL(n, 26);
	return n;
}

static void as_tshark_reads_it(void)
{
	struct ts_desc_ca ca;
	struct ts_desc desc;
	struct ts_cat cat;
	size_t n = load(), position = 0;

	CU_ASSERT_EQUAL_FATAL(ts_cat_parse(&cat, bytes, n), 0);
	CU_ASSERT_EQUAL(cat.version, 3);
	CU_ASSERT_TRUE(cat.current);
	CU_ASSERT_EQUAL(cat.number, 0);
	CU_ASSERT_EQUAL(cat.last, 0);
	CU_ASSERT_EQUAL(ts_desc_next(&cat.info, &position, &desc), 1);
	CU_ASSERT_EQUAL(ts_desc_ca_parse(&ca, &desc), 0);
	CU_ASSERT_EQUAL(ca.ca_system_id, 0x0B00);
	CU_ASSERT_EQUAL(ca.pid, 0x01F4);
	CU_ASSERT_EQUAL_FATAL(ca.private_n, 2);
	CU_ASSERT_TRUE(ca.private_bytes[0] == 1 && ca.private_bytes[1] == 2);
	CU_ASSERT_EQUAL(ts_desc_next(&cat.info, &position, &desc), 1);
	CU_ASSERT_EQUAL(ts_desc_ca_parse(&ca, &desc), 0);
	CU_ASSERT_EQUAL(ca.ca_system_id, 0x4AEE);
	CU_ASSERT_EQUAL(ca.pid, 0x01F5);
	CU_ASSERT_EQUAL(ca.private_n, 0);
	CU_ASSERT_EQUAL(ts_desc_next(&cat.info, &position, &desc), 0);
	CU_ASSERT_EQUAL_FATAL(ts_cat_write(out, sizeof(out), &cat), (int)n);
	CU_ASSERT_EQUAL(memcmp(out, bytes, n), 0);
}

static void every_truncation(void)
{
	struct ts_cat cat;
	size_t n = load();

	for (size_t k = 0; k < n; k++) {
		uint8_t *cut = captured_exact(bytes, k);

		CU_ASSERT_EQUAL(ts_cat_parse(&cat, cut, k), -EBADMSG);
		free(cut);
	}
}

// Cut and sealed again: whole only where a descriptor ends.
static void every_sealed_truncation(void)
{
	struct ts_cat cat;

	load();
	for (size_t k = 0; k <= 14; k++) {
		struct ts_section s = {.table_id = TS_CAT_TABLE_ID, .body = bytes + 8, .body_bytes = k};
		int n = ts_section_write(out, sizeof(out), &s);

		CU_ASSERT_EQUAL_FATAL(n, (int)(12 + k));

		uint8_t *exact = captured_exact(out, (size_t)n);
		bool whole = k == 0 || k == 8 || k == 14;

		CU_ASSERT_EQUAL(ts_cat_parse(&cat, exact, (size_t)n), whole ? 0 : -EBADMSG);
		free(exact);
	}
}

static void wrong_headers(void)
{
	struct ts_section s = {.table_id = 0x02};
	struct ts_cat cat;

	CU_ASSERT_EQUAL(ts_section_write(out, sizeof(out), &s), 12);
	CU_ASSERT_EQUAL(ts_cat_parse(&cat, out, 12), -EBADMSG);
	s = (struct ts_section){.table_id = TS_CAT_TABLE_ID, .number = 1};
	CU_ASSERT_EQUAL(ts_section_write(out, sizeof(out), &s), 12);
	CU_ASSERT_EQUAL(ts_cat_parse(&cat, out, 12), -EBADMSG);
}

static void write_limits(void)
{
	static const uint8_t loop[1013];
	struct ts_cat cat = {.info = {loop, 1012}};

	CU_ASSERT_EQUAL(ts_cat_write(out, sizeof(out), &cat), 1024);
	CU_ASSERT_EQUAL(ts_cat_write(out, 1023, &cat), -ENOSPC);
	cat.info.n = 1013;
	CU_ASSERT_EQUAL(ts_cat_write(out, sizeof(out), &cat), -ENOSPC);
	cat.info = (struct ts_desc_loop){NULL, 0};
	CU_ASSERT_EQUAL(ts_cat_write(out, sizeof(out), &cat), 12);
}

static const struct unit_test tests[] = {
	{"as tshark reads it", as_tshark_reads_it},
	{"every truncation", every_truncation},
	{"every sealed truncation", every_sealed_truncation},
	{"wrong headers", wrong_headers},
	{"write limits", write_limits},
};

UNIT_MAIN("mpegts/cat", tests)
