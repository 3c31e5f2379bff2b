// SPDX-License-Identifier: GPL-3.0-or-later
// Which words an ECM gets: every lead_CW and CW_per_msg, memory, and what is refused.
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <base_bytes.h>

#include <unit.h>

#include "ecmg/words.h"

enum { WORD_BYTES = 17 }; // one more than any word has

static uint8_t bytes[1024];
static struct km_msg_ecm_request request;
static struct cas_words memory;

static void word_of(uint16_t cp_number, uint8_t out[WORD_BYTES])
{
	for (unsigned i = 0; i < WORD_BYTES; i++)
		out[i] = (uint8_t)(cp_number * 7 + i + (cp_number >> 8));
}

// Chooses for a CW_provision of `n` with `count` words of `size` bytes, those of the CP_numbers listed.
static int choose(const struct cas_conf_ecmg *conf, uint16_t n, const uint16_t *cps, size_t count, size_t size)
{
	struct sim_writer writer;
	struct sim_error error;
	struct sim_msg msg;
	uint8_t cw[WORD_BYTES];

	sim_begin(&writer, bytes, sizeof(bytes), SIM_ECMG_SCS, 3, SIM_CW_PROVISION);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, 1);
	sim_put(&writer, SIM_P_CP_NUMBER, n);
	for (size_t i = 0; i < count; i++) {
		word_of(cps[i], cw);
		sim_put_cw(&writer, cps[i], cw, size);
	}
	int end = sim_end(&writer);

	CU_ASSERT_TRUE_FATAL(end > 0);
	CU_ASSERT_EQUAL_FATAL(sim_decode(&msg, SIM_ECMG_SCS, bytes, (size_t)end, &error), 0);
	request = (struct km_msg_ecm_request){.tag = 5};
	return cas_words_choose(&request, &memory, conf, &msg);
}

// The request holds this word of `size` bytes, or none of the parity.
static bool holds(uint16_t cp_number, size_t size, bool there)
{
	bool odd = cp_number & 1;
	uint8_t want[WORD_BYTES] = {0};

	if (there) {
		word_of(cp_number, want);
		memset(want + size, 0, WORD_BYTES - size);
	}
	return !(request.have & (odd ? 2 : 1)) == !there && !memcmp(odd ? request.cw_odd : request.cw_even, want, 16);
}

static struct cas_conf_ecmg conf_of(unsigned lead_cw, unsigned cw_per_msg)
{
	memory = (struct cas_words){0};
	return (struct cas_conf_ecmg){.lead_cw = (uint8_t)lead_cw, .cw_per_msg = (uint8_t)cw_per_msg};
}

static void test_as_announced(void)
{
	for (unsigned lead = 0; lead <= 1; lead++)
		for (unsigned per_msg = 1; per_msg <= 2; per_msg++)
			for (size_t size = 8; size <= 16; size += 8) {
				struct cas_conf_ecmg conf = conf_of(lead, per_msg);

				for (uint32_t n = 0xFFFD; n < 0x10004; n++) {
					uint16_t newer = (uint16_t)(n + lead), older = (uint16_t)(newer - 1);
					const uint16_t both[] = {older, newer};

					CU_ASSERT_EQUAL(choose(&conf, (uint16_t)n, both + 2 - per_msg, per_msg, size),
							0);
					CU_ASSERT_EQUAL(request.cp_number, (uint16_t)n);
					CU_ASSERT_EQUAL(request.cw_bytes, size);
					CU_ASSERT_EQUAL(request.tag, 5);
					CU_ASSERT_TRUE(holds(newer, size, true));
					CU_ASSERT_TRUE(holds(older, size, per_msg == 2 || n > 0xFFFD));
				}
			}
}

// Words of crypto-periods that the ECM does not need are passed over, whatever their number and order.
static void test_more_than_needed(void)
{
	struct cas_conf_ecmg conf = conf_of(1, 2);
	const uint16_t many[] = {9, 8, 7, 6, 5, 4};

	CU_ASSERT_EQUAL(choose(&conf, 6, many, 6, 8), 0);
	CU_ASSERT_TRUE(holds(6, 8, true) && holds(7, 8, true));
	conf = conf_of(0, 2);
	CU_ASSERT_EQUAL(choose(&conf, 6, many, 6, 8), 0);
	CU_ASSERT_TRUE(holds(5, 8, true) && holds(6, 8, true));
	// TSDuck's n and n + 1 with lead_CW 0: n - 1 comes from memory but for the first.
	conf = conf_of(0, 2);
	const uint16_t first[] = {0, 1}, second[] = {1, 2};

	CU_ASSERT_EQUAL(choose(&conf, 0, first, 2, 8), 0);
	CU_ASSERT_TRUE(holds(0, 8, true) && holds(0xFFFF, 8, false));
	CU_ASSERT_EQUAL(choose(&conf, 1, second, 2, 8), 0);
	CU_ASSERT_TRUE(holds(0, 8, true) && holds(1, 8, true));
}

static void test_asked_again(void)
{
	struct cas_conf_ecmg conf = conf_of(1, 1);
	const uint16_t cps[] = {1, 2, 3};

	for (uint16_t n = 0; n < 3; n++)
		CU_ASSERT_EQUAL(choose(&conf, n, cps + n, 1, 8), 0);
	CU_ASSERT_EQUAL(choose(&conf, 2, cps + 2, 1, 8), 0);
	CU_ASSERT_TRUE(holds(2, 8, true) && holds(3, 8, true));
	// All from memory.
	CU_ASSERT_EQUAL(choose(&conf, 2, NULL, 0, 8), 0);
	CU_ASSERT_TRUE(holds(2, 8, true) && holds(3, 8, true));
	// A leap: what is remembered is of no use, and is gone.
	const uint16_t leap[] = {101};

	CU_ASSERT_EQUAL(choose(&conf, 100, leap, 1, 8), 0);
	CU_ASSERT_TRUE(holds(101, 8, true) && holds(100, 8, false));
	CU_ASSERT_EQUAL(memory.word[0].bytes, 0);
	uint8_t nothing[16] = {0};

	CU_ASSERT_EQUAL(memcmp(memory.word[0].cw, nothing, 16), 0);
}

static const uint8_t zeros[16];

static void test_another_length(void)
{
	struct cas_conf_ecmg conf = conf_of(1, 1);
	const uint16_t cps[] = {1, 2};

	CU_ASSERT_EQUAL(choose(&conf, 0, cps, 1, 8), 0);
	CU_ASSERT_EQUAL(choose(&conf, 1, cps + 1, 1, 16), 0);
	CU_ASSERT_TRUE(holds(1, 8, true) && holds(2, 16, true));
	CU_ASSERT_EQUAL(request.cw_bytes, 16);
	CU_ASSERT_EQUAL(memcmp(request.cw_odd + 8, zeros, 8), 0);
}

// Both lengths in one message, as before an edge at which the algorithm changes: the short one is followed by zeros.
static void both_lengths(size_t first, size_t second)
{
	struct cas_conf_ecmg conf = conf_of(1, 2);
	struct sim_writer writer;
	struct sim_error error;
	struct sim_msg msg;
	uint8_t cw[2][16] = {{1, 2, 3, 4, 5, 6, 7, 8, 9}, {9, 8, 7, 6, 5, 4, 3, 2, 1}};

	sim_begin(&writer, bytes, sizeof(bytes), SIM_ECMG_SCS, 3, SIM_CW_PROVISION);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, 1);
	sim_put(&writer, SIM_P_CP_NUMBER, 5);
	sim_put_cw(&writer, 5, cw[0], first);
	sim_put_cw(&writer, 6, cw[1], second);
	int end = sim_end(&writer);

	CU_ASSERT_TRUE_FATAL(end > 0);
	CU_ASSERT_EQUAL_FATAL(sim_decode(&msg, SIM_ECMG_SCS, bytes, (size_t)end, &error), 0);
	memset(&request, 0xFF, sizeof(request));
	request.have = 0;
	memory = (struct cas_words){0};
	CU_ASSERT_EQUAL(cas_words_choose(&request, &memory, &conf, &msg), 0);
	CU_ASSERT_EQUAL(request.cw_bytes, 16);
	CU_ASSERT_EQUAL(request.have, 3);
	CU_ASSERT_EQUAL(memcmp(request.cw_odd, cw[0], first), 0);
	CU_ASSERT_EQUAL(memcmp(request.cw_odd + first, zeros, 16 - first), 0);
	CU_ASSERT_EQUAL(memcmp(request.cw_even, cw[1], second), 0);
	CU_ASSERT_EQUAL(memcmp(request.cw_even + second, zeros, 16 - second), 0);
	CU_ASSERT_EQUAL(memory.word[1].bytes, first);
}

static void test_both_lengths(void)
{
	both_lengths(8, 16);
	both_lengths(16, 8);
}

// What is refused leaves request and memory alone.
static void refuse(const struct cas_conf_ecmg *conf, uint16_t n, const uint16_t *cps, size_t count, size_t size, int rc)
{
	struct cas_words before = memory;

	CU_ASSERT_EQUAL(choose(conf, n, cps, count, size), rc);
	CU_ASSERT_EQUAL(request.have, 0);
	CU_ASSERT_EQUAL(memcmp(&before, &memory, sizeof(before)), 0);
}

static void test_refused(void)
{
	const uint16_t cps[] = {4, 5, 6};

	for (unsigned lead = 0; lead <= 1; lead++) {
		struct cas_conf_ecmg conf = conf_of(lead, 2);

		refuse(&conf, 5, NULL, 0, 8, -ENODATA);
		refuse(&conf, 5, cps + lead, 1, 8, -ENODATA);     // the older alone
		refuse(&conf, 5, cps + 1 + lead, 1, 8, -ENODATA); // the newer alone
		refuse(&conf, 5, cps, 3, 7, -EMSGSIZE);
		refuse(&conf, 5, cps, 3, 17, -EMSGSIZE);
		refuse(&conf, 5, cps, 3, 1, -EMSGSIZE);
		conf.cw_per_msg = 1;
		refuse(&conf, 5, cps + lead, 1, 8, -ENODATA); // the newer is never left out
	}
}

// Two words for one crypto-period.
static void test_conflicts(void)
{
	struct cas_conf_ecmg conf = conf_of(1, 2);
	struct sim_error error;
	struct sim_msg msg;
	const uint16_t twice[] = {5, 5, 6};

	CU_ASSERT_EQUAL(choose(&conf, 5, twice, 3, 8), 0); // the same one twice is no conflict
	bytes[SIM_HEADER_BYTES + 18 + 4 + 2] ^= 1;
	memory = (struct cas_words){0};
	CU_ASSERT_EQUAL_FATAL(sim_decode(&msg, SIM_ECMG_SCS, bytes, sim_message_bytes(bytes), &error), 0);
	CU_ASSERT_EQUAL(cas_words_choose(&request, &memory, &conf, &msg), -EINVAL);
}

static const struct unit_test tests[] = {
	{"as announced", test_as_announced}, {"more than needed", test_more_than_needed},
	{"asked again", test_asked_again},   {"another length", test_another_length},
	{"both lengths", test_both_lengths}, {"refused", test_refused},
	{"conflicts", test_conflicts},
};

UNIT_MAIN("cas-words", tests)
