// SPDX-License-Identifier: GPL-3.0-or-later
// A rewritten table: its version counts changes of what is sent, and of nothing else.
#include <errno.h>
#include <string.h>

#include <ts_section.h>
#include <unit.h>

#include "psi/table.h"

static struct dp_table table;

// Makes a table with this content from an input of this version.
static void make(uint8_t content, size_t body_bytes, uint8_t version)
{
	uint8_t body[1012], bytes[DP_TABLE_MAX_BYTES];
	const struct ts_section section = {
		.table_id = 2, .version = version, .current = true, .body = body, .body_bytes = body_bytes};

	memset(body, content, sizeof(body));
	int n = ts_section_write(bytes, sizeof(bytes), &section);

	CU_ASSERT_FATAL(n > 0);
	dp_table_make(&table, bytes, (size_t)n, version);
}

static uint8_t sent_version(void)
{
	struct ts_section section;

	CU_ASSERT_EQUAL_FATAL(ts_section_parse(&section, table.out, table.out_bytes), 0);
	CU_ASSERT_EQUAL(section.version, table.version);
	return section.version;
}

static void counts_real_changes(void)
{
	memset(&table, 0, sizeof(table));
	make(0xAA, 20, 9);
	CU_ASSERT_EQUAL(sent_version(), 9); // the first takes the input's
	make(0xAA, 20, 9);
	CU_ASSERT_EQUAL(sent_version(), 9);
	make(0xAA, 20, 10); // the input counted, what is sent is the same
	CU_ASSERT_EQUAL(sent_version(), 9);
	make(0xAB, 20, 10);
	CU_ASSERT_EQUAL(sent_version(), 10);
	make(0xAA, 20, 9); // back: another change
	CU_ASSERT_EQUAL(sent_version(), 11);
	make(0xAA, 21, 30); // longer only
	CU_ASSERT_EQUAL(sent_version(), 12);
}

static void wraps(void)
{
	memset(&table, 0, sizeof(table));
	make(0, 20, 30);
	make(1, 20, 0);
	CU_ASSERT_EQUAL(sent_version(), 31);
	make(2, 20, 0);
	CU_ASSERT_EQUAL(sent_version(), 0);
	make(3, 20, 0);
	CU_ASSERT_EQUAL(sent_version(), 1);
}

static void remembers_the_input(void)
{
	static const uint8_t a[] = {1, 2, 3}, b[] = {1, 2, 4};

	memset(&table, 0, sizeof(table));
	CU_ASSERT_FALSE(dp_table_same(&table, a, 3));
	dp_table_take(&table, a, 3);
	CU_ASSERT_TRUE(dp_table_same(&table, a, 3));
	CU_ASSERT_FALSE(dp_table_same(&table, b, 3));
	CU_ASSERT_FALSE(dp_table_same(&table, a, 2));
	make(5, 20, 4);
	dp_table_forget(&table);
	CU_ASSERT_FALSE(dp_table_same(&table, a, 3));
	make(6, 20, 0);
	CU_ASSERT_EQUAL(sent_version(), 5); // counting goes on
}

static void packets(void)
{
	memset(&table, 0, sizeof(table));
	make(1, 1012, 0); // 1024 bytes, the largest
	CU_ASSERT_EQUAL(table.out_bytes, 1024);
	CU_ASSERT_EQUAL(table.packets.n, 6);
	CU_ASSERT_TRUE(ts_packet_unit_start(table.packets.bytes[0]));
	CU_ASSERT_FALSE(ts_packet_unit_start(table.packets.bytes[5]));
	make(2, 20, 0);
	CU_ASSERT_EQUAL(table.packets.n, 1);
}

static void packets_full(void)
{
	static struct dp_packets waiting;
	static uint8_t section[1024];

	section[0] = 0x4A;
	base_bytes_put16(section + 1, 0x7000 | 1021);
	CU_ASSERT_EQUAL(dp_packets_append(&waiting, section, 1024), 0);
	CU_ASSERT_EQUAL(dp_packets_append(&waiting, section, 1024), 0);
	CU_ASSERT_EQUAL(waiting.n, 12);
	CU_ASSERT_EQUAL(dp_packets_append(&waiting, section, 1024), -ENOSPC); // 6 more, room for 4
	CU_ASSERT_EQUAL(waiting.n, 12);
	CU_ASSERT_EQUAL(dp_packets_append(&waiting, section, 2), -EBADMSG);
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(dp_packets_append(&waiting, section, 100), 0);
	CU_ASSERT_EQUAL(dp_packets_append(&waiting, section, 100), -ENOSPC);
	CU_ASSERT_EQUAL(waiting.n, DP_PACKETS_MAX);
}

static const struct unit_test tests[] = {
	{"counts real changes", counts_real_changes},
	{"wraps", wraps},
	{"remembers the input", remembers_the_input},
	{"packets", packets},
	{"packets full", packets_full},
};

UNIT_MAIN("table", tests)
