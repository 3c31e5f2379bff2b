// SPDX-License-Identifier: GPL-3.0-or-later
// What lies between a PERIOD message and its worker: sections that are cut into packets, and words that are held.
#include <errno.h>
#include <string.h>

#include <ts_section.h>
#include <unit.h>

#include "source/cut.h"
#include "source/held.h"

static struct dp_msg_period period;
static struct dp_ecm_set set;

// An ECM of `n` bytes at `offset` of the pool.
static void put_ecm(unsigned index, uint16_t offset, uint16_t n)
{
	period.ecm[index] = (struct dp_msg_ecm){.pid = (uint16_t)(100 + index),
						.offset = offset,
						.bytes = n,
						.repetition_ms = 90,
						.start_ms = -5,
						.stop_ms = 7};
	period.ecms = (uint8_t)(index + 1);
	memset(period.pool + offset, (int)(index + 1), n);
	period.pool[offset] = (uint8_t)(0x80 | (index & 1));
	base_bytes_put16(period.pool + offset + 1, 0x7000u | (n - 3u));
}

static unsigned sections;
static uint8_t last[TS_SECTION_MAX_BYTES];
static size_t last_bytes;

static void keep(void *context, const uint8_t *section, size_t n)
{
	(void)context;
	sections++;
	memcpy(last, section, n);
	last_bytes = n;
}

// True when the packets of an ECM of the set assemble to its section again.
static bool comes_back(unsigned index)
{
	static struct ts_section_assembler assembler;
	const struct dp_ecm *ecm = &set.ecm[index];

	ts_section_assembler_init(&assembler);
	sections = 0;
	for (unsigned i = 0; i < ecm->pkts; i++) {
		const uint8_t *packet = set.pkt[ecm->first_pkt + i];

		if (ts_packet_pid(packet) != ecm->pid)
			return false;
		ts_section_feed(&assembler, packet, keep, NULL);
	}
	return sections == 1 && last_bytes == period.ecm[index].bytes &&
	       memcmp(last, period.pool + period.ecm[index].offset, last_bytes) == 0;
}

static void cut(void)
{
	memset(&period, 0, sizeof(period));
	period.cp_number = 77;
	put_ecm(0, 0, 100);
	put_ecm(1, 100, 183);
	put_ecm(2, 283, 184);
	put_ecm(3, 600, 4096);
	put_ecm(4, 5000, 0); // none in this period
	CU_ASSERT_EQUAL_FATAL(dp_ecm_set_cut(&set, &period), 0);
	CU_ASSERT_TRUE(set.cp_number == 77 && set.n == 5 && set.pkts == 1 + 1 + 2 + 23);
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_TRUE(comes_back(i));
	CU_ASSERT_TRUE(set.ecm[2].first_pkt == 2 && set.ecm[2].pkts == 2);
	CU_ASSERT_EQUAL(set.ecm[4].pkts, 0);
	CU_ASSERT_TRUE(set.ecm[3].repetition_ms == 90 && set.ecm[3].start_ms == -5 && set.ecm[3].stop_ms == 7);
}

static void cut_limits(void)
{
	memset(&period, 0, sizeof(period));
	for (unsigned i = 0; i < 3; i++)
		put_ecm(i, 0, 4096); // one section three times: 69 packets
	CU_ASSERT_EQUAL(dp_ecm_set_cut(&set, &period), -ENOSPC);
	CU_ASSERT_TRUE(set.n == 0 && set.pkts == 0);
	period.ecms = 2;
	CU_ASSERT_EQUAL(dp_ecm_set_cut(&set, &period), 0);
	period.ecms = 0;
	CU_ASSERT_EQUAL(dp_ecm_set_cut(&set, &period), 0);
	CU_ASSERT_EQUAL(set.n, 0);
}

static void no_ecm(void)
{
	static const struct {
		unsigned at;
		uint8_t value;
	} wrong[] = {{0, 0x7F}, {0, 0x82}, {2, 98}, {2, 96}, {1, 0x71}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(&period, 0, sizeof(period));
		put_ecm(0, 0, 100);
		period.pool[wrong[i].at] = wrong[i].value;
		CU_ASSERT_EQUAL(dp_ecm_set_cut(&set, &period), -EINVAL);
	}
	for (uint16_t n = 1; n < 4; n++) {
		put_ecm(0, 0, 100);
		period.ecm[0].bytes = n;
		period.pool[2] = (uint8_t)(n - 3);
		CU_ASSERT_EQUAL(dp_ecm_set_cut(&set, &period), -EINVAL);
	}
}

static struct dp_held held;

static void send(uint16_t cp_number, uint8_t word)
{
	memset(&period, 0, sizeof(period));
	period.cp_number = cp_number;
	period.cws = 2;
	memset(period.cw, word, sizeof(period.cw));
	dp_held_send(&held, &period);
}

static bool holds(const struct dp_msg_held *record, uint16_t cp_number, uint8_t word)
{
	return record->cp_number == cp_number && record->cws == 2 && record->cw[0][0] == word &&
	       record->cw[1][15] == word && record->cw[2][0] == 0;
}

static bool empty(const struct dp_msg_held *record)
{
	static const struct dp_msg_held none;

	return memcmp(record, &none, sizeof(none)) == 0;
}

static void life_of_words(void)
{
	memset(&held, 0, sizeof(held));
	send(65535, 1);
	CU_ASSERT_TRUE(empty(&held.next) && holds(&held.sent, 65535, 1));
	dp_held_taken(&held);
	CU_ASSERT_TRUE(holds(&held.next, 65535, 1) && empty(&held.sent) && empty(&held.current));
	dp_held_on_air(&held, 65534);
	CU_ASSERT_TRUE(empty(&held.current));
	dp_held_on_air(&held, 65535);
	CU_ASSERT_TRUE(holds(&held.current, 65535, 1) && empty(&held.next));
	send(0, 2);
	dp_held_refused(&held);
	CU_ASSERT_TRUE(empty(&held.sent) && holds(&held.current, 65535, 1));
	send(0, 2);
	dp_held_taken(&held);
	dp_held_on_air(&held, 65535); // still
	CU_ASSERT_TRUE(holds(&held.current, 65535, 1) && holds(&held.next, 0, 2));
	// It went on air unseen, and the one after it was taken.
	send(1, 3);
	dp_held_taken(&held);
	CU_ASSERT_TRUE(holds(&held.current, 0, 2) && holds(&held.next, 1, 3) && empty(&held.sent));
}

static const struct unit_test tests[] = {{"cut", cut},
					 {"cut limits", cut_limits},
					 {"no ECM", no_ecm},
					 {"life of words", life_of_words}};

UNIT_MAIN("source", tests)
