// SPDX-License-Identifier: GPL-3.0-or-later
// Control words: the store, the windows of CW_provision, and ECM_datagrams.
#include <unit.h>

#include <errno.h>
#include <string.h>

#include <ts_section.h>

#include "scs/datagram.h"
#include "scs/store.h"
#include "scs/window.h"

// True when no byte of the whole store differs from 0.
static bool empty(const struct cp_store *store)
{
	for (size_t i = 0; i < store->words.capacity_bytes; i++)
		if (store->words.bytes[i])
			return false;
	return true;
}

static void test_make(void)
{
	struct cp_store store;
	uint8_t copy[16];

	CU_ASSERT_EQUAL_FATAL(cp_store_init(&store, 2), 0);
	cp_store_shape(&store, 0, CP_CISSA);
	cp_store_shape(&store, 1, CP_CSA1);
	CU_ASSERT_PTR_NULL(cp_store_get(&store, 0, 5));
	CU_ASSERT_EQUAL(cp_store_make(&store, 0, 5), 1);
	memcpy(copy, cp_store_get(&store, 0, 5), 16);
	CU_ASSERT_EQUAL(cp_store_make(&store, 0, 5), 0); // a word never changes
	CU_ASSERT_EQUAL(memcmp(copy, cp_store_get(&store, 0, 5), 16), 0);
	CU_ASSERT_PTR_NULL(cp_store_get(&store, 1, 5)); // nor has another group it
	CU_ASSERT_EQUAL(cp_store_make(&store, 0, 6), 1);
	CU_ASSERT_NOT_EQUAL(memcmp(copy, cp_store_get(&store, 0, 6), 16), 0);
	for (uint16_t cp = 0; cp < 16; cp++) {
		CU_ASSERT_EQUAL(cp_store_make(&store, 1, cp), 1);
		const uint8_t *cw = cp_store_get(&store, 1, cp);

		CU_ASSERT_EQUAL(cw[3], (uint8_t)(cw[0] + cw[1] + cw[2]));
		CU_ASSERT_EQUAL(cw[7], (uint8_t)(cw[4] + cw[5] + cw[6]));
	}
	cp_store_fini(&store);
}

static void test_forget(void)
{
	static const uint8_t mine[8] = {1, 2, 3, 6, 4, 5, 6, 15}, others[8] = {9};
	struct cp_store store;

	CU_ASSERT_EQUAL_FATAL(cp_store_init(&store, 1), 0);
	cp_store_shape(&store, 0, CP_CSA2);
	for (unsigned cp = 0xFFFC; cp < 0x10004; cp++) // across the wrap
		CU_ASSERT_EQUAL(cp_store_make(&store, 0, (uint16_t)cp), 1);
	cp_store_forget_before(&store, 0, 0xFFFF);
	CU_ASSERT_PTR_NULL(cp_store_get(&store, 0, 0xFFFE));
	CU_ASSERT_PTR_NOT_NULL(cp_store_get(&store, 0, 0xFFFF));
	CU_ASSERT_PTR_NOT_NULL(cp_store_get(&store, 0, 3));
	cp_store_forget_before(&store, 0, 4);
	CU_ASSERT_TRUE(empty(&store));
	CU_ASSERT_FALSE(cp_store_put(&store, 0, 7, CP_CSA2, mine));
	CU_ASSERT_FALSE(cp_store_put(&store, 0, 7, CP_CSA2, mine));
	CU_ASSERT_TRUE(cp_store_put(&store, 0, 7, CP_CSA2, others));
	CU_ASSERT_EQUAL(memcmp(cp_store_get(&store, 0, 7), others, 8), 0);
	CU_ASSERT_EQUAL(cp_store_make(&store, 0, 7 + CP_STORE_WORDS), 1); // takes the place of one long gone
	CU_ASSERT_PTR_NULL(cp_store_get(&store, 0, 7));
	cp_store_forget(&store, 0);
	CU_ASSERT_TRUE(empty(&store));
	cp_store_fini(&store);
}

static void test_no_groups(void)
{
	struct cp_store store;

	CU_ASSERT_EQUAL(cp_store_init(&store, 0), 0);
	cp_store_fini(&store);
}

// ETSI TS 103 197: n+1+x-y .. n+x. What goes first on a new stream, and from where on words are kept while n is on air.
static void test_windows(void)
{
	static const struct {
		uint8_t lead_cw, cw_per_msg;
		int first, last;
		unsigned earlier;
		int keep;
	} row[] = {
		{0, 1, 0, 0, 1, 0}, {0, 2, -1, 0, 0, 0}, {0, 3, -2, 0, 0, -1}, {0, 4, -3, 0, 0, -2},
		{1, 1, 1, 1, 1, 0}, {1, 2, 0, 1, 0, 0},  {1, 3, -1, 1, 0, 0},  {1, 4, -2, 1, 0, -1},
		{2, 1, 2, 2, 2, 0}, {2, 2, 1, 2, 1, 0},  {2, 3, 0, 2, 0, 0},   {2, 4, -1, 2, 0, 0},
		{3, 1, 3, 3, 3, 0}, {3, 2, 2, 3, 2, 0},  {3, 3, 1, 3, 1, 0},   {3, 4, 0, 3, 0, 0},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct cp_window window = {.lead_cw = row[i].lead_cw, .cw_per_msg = row[i].cw_per_msg};

		CU_ASSERT_TRUE(cp_window_valid(&window));
		for (unsigned n = 0; n < 0x10000; n += 0x7FFF) {
			uint16_t cp = (uint16_t)n;

			CU_ASSERT_EQUAL(cp_window_first(&window, cp), (uint16_t)(n + (unsigned)row[i].first));
			CU_ASSERT_EQUAL(cp_window_last(&window, cp), (uint16_t)(n + (unsigned)row[i].last));
			CU_ASSERT_EQUAL(cp_window_keep(&window, cp), (uint16_t)(n + (unsigned)row[i].keep));
		}
		CU_ASSERT_EQUAL(cp_window_earlier(&window), row[i].earlier);
		CU_ASSERT_EQUAL(cp_window_promised(&window), row[i].lead_cw + 1u);
	}
	CU_ASSERT_FALSE(cp_window_valid(&(struct cp_window){.lead_cw = 4, .cw_per_msg = 1}));
	CU_ASSERT_FALSE(cp_window_valid(&(struct cp_window){.lead_cw = 1, .cw_per_msg = 0}));
	CU_ASSERT_FALSE(cp_window_valid(&(struct cp_window){.lead_cw = 1, .cw_per_msg = 5}));
}

static void make_section(uint8_t *section, size_t n)
{
	for (size_t i = 3; i < n; i++)
		section[i] = (uint8_t)i;
	section[0] = 0x81;
	section[1] = (uint8_t)(0x70 | (n - 3) >> 8);
	section[2] = (uint8_t)(n - 3);
}

static void test_datagram_section(void)
{
	uint8_t section[CP_DATAGRAM_SECTION_MAX], out[CP_DATAGRAM_SECTION_MAX];

	make_section(section, 100);
	CU_ASSERT_EQUAL(cp_datagram_section(out, section, 100, false), 100);
	CU_ASSERT_EQUAL(memcmp(out, section, 100), 0);
	CU_ASSERT_EQUAL(cp_datagram_section(out, section, 0, false), 0);
	for (size_t n = 1; n < 100; n++)
		CU_ASSERT_EQUAL(cp_datagram_section(out, section, n, false), -EBADMSG);
	CU_ASSERT_EQUAL(cp_datagram_section(out, section, 101, false), -EBADMSG);
	section[0] = 0x02; // a PMT
	CU_ASSERT_EQUAL(cp_datagram_section(out, section, 100, false), -EBADMSG);
	section[0] = 0x82; // an EMM
	CU_ASSERT_EQUAL(cp_datagram_section(out, section, 100, false), -EBADMSG);
	make_section(section, 3);
	CU_ASSERT_EQUAL(cp_datagram_section(out, section, 3, false), -EBADMSG);
	make_section(section, CP_DATAGRAM_SECTION_MAX);
	CU_ASSERT_EQUAL(cp_datagram_section(out, section, sizeof(section), false), CP_DATAGRAM_SECTION_MAX);
}

static void test_datagram_packets(void)
{
	uint8_t section[CP_DATAGRAM_SECTION_MAX], out[CP_DATAGRAM_SECTION_MAX];
	uint8_t packets[TS_SECTION_MAX_PKTS + 1][TS_PACKET_BYTES];
	uint8_t cc = 3;

	make_section(section, 500);
	int n = ts_section_packetize(packets, TS_SECTION_MAX_PKTS, section, 500, 0x1234, &cc);

	CU_ASSERT_EQUAL_FATAL(n, 3);
	for (int i = 0; i < n; i++)
		ts_packet_set_cc(packets[i], 9); // the MUX writes them: an ECMG need not count
	CU_ASSERT_EQUAL(cp_datagram_section(out, packets[0], 3 * TS_PACKET_BYTES, true), 500);
	CU_ASSERT_EQUAL(memcmp(out, section, 500), 0);
	CU_ASSERT_EQUAL(cp_datagram_section(out, packets[0], 2 * TS_PACKET_BYTES, true), -EBADMSG); // half of it
	CU_ASSERT_EQUAL(cp_datagram_section(out, packets[0], 3 * TS_PACKET_BYTES - 1, true), -EBADMSG);
	CU_ASSERT_EQUAL(cp_datagram_section(out, packets[0], sizeof(packets), true), -EBADMSG); // too many
	CU_ASSERT_EQUAL(cp_datagram_section(out, packets[0], 0, true), 0);
	memcpy(packets[3], packets[0], 3 * TS_PACKET_BYTES);
	CU_ASSERT_EQUAL(cp_datagram_section(out, packets[0], 6 * TS_PACKET_BYTES, true), -EBADMSG); // two sections
	ts_packet_set_tsc(packets[1], TS_TSC_EVEN);
	CU_ASSERT_EQUAL(cp_datagram_section(out, packets[0], 3 * TS_PACKET_BYTES, true), -EBADMSG);
	packets[0][0] = 0;
	CU_ASSERT_EQUAL(cp_datagram_section(out, packets[0], 3 * TS_PACKET_BYTES, true), -EBADMSG);
}

static const struct unit_test tests[] = {
	{"words are made once", test_make},
	{"words are wiped", test_forget},
	{"a store of nothing", test_no_groups},
	{"windows of CW_provision", test_windows},
	{"ECM_datagram as a section", test_datagram_section},
	{"ECM_datagram as packets", test_datagram_packets},
};

UNIT_MAIN("words", tests)
