// SPDX-License-Identifier: GPL-3.0-or-later
// Which word opens which packet: the rules of stb_words.h one by one, with packets of two PIDs.
#include <stb_words.h>

#include <errno.h>
#include <string.h>

#include <air.h>
#include <unit.h>

// Words by crypto-period, in CISSA.
static uint8_t word[16][16];
static uint8_t room[STB_WORDS_BYTES];
static struct stb_words words;
static struct stb_follower_pid video, audio;
static unsigned counter;
static uint8_t clear_packet[TS_PACKET_BYTES], aired[TS_PACKET_BYTES];

static void begin(void)
{
	for (size_t i = 0; i < 16; i++)
		for (size_t k = 0; k < 16; k++)
			word[i][k] = (uint8_t)(i * 37 + k * 3 + 1);
	memset(room, 0, sizeof(room));
	stb_words_init(&words, room);
	CU_ASSERT_EQUAL(stb_words_set_cipher(&words, &stb_cipher_cissa), 0);
	video = audio = (struct stb_follower_pid){.pes = true};
	counter = 0;
}

static void end(void)
{
	static const uint8_t zero[STB_WORDS_BYTES];

	stb_words_fini(&words);
	CU_ASSERT_EQUAL(memcmp(room, zero, sizeof(room)), 0);
}

// The ECM of crypto-period `n` with the words of `a` and `b`, -1: none.
static int ecm(unsigned n, int a, int b)
{
	const uint8_t *side[2] = {NULL, NULL};

	if (a >= 0)
		side[a & 1] = word[a];
	if (b >= 0)
		side[b & 1] = word[b];
	return stb_words_take(&words, n, side[0], side[1], 16);
}

static enum stb_result again(struct stb_follower_pid *pid)
{
	uint8_t packet[TS_PACKET_BYTES];
	enum stb_result result;

	memcpy(packet, aired, sizeof(packet));
	result = stb_words_open(&words, pid, packet);
	if (result == STB_OPENED && memcmp(packet, clear_packet, sizeof(packet)) != 0)
		return STB_LOST; // opened with a wrong word
	if (result != STB_OPENED)
		CU_ASSERT_EQUAL(memcmp(packet, aired, sizeof(packet)), 0);
	return result;
}

// A packet of crypto-period `n`.
static enum stb_result give(struct stb_follower_pid *pid, unsigned n, bool start)
{
	memset(clear_packet, (int)(counter * 7 + 1), sizeof(clear_packet));
	memcpy(clear_packet, (const uint8_t[]){TS_SYNC_BYTE, start ? 0x41 : 0x01, pid == &video ? 1 : 2, 0x10}, 4);
	clear_packet[3] |= counter++ & 15;
	if (start)
		memcpy(clear_packet + 4, (const uint8_t[]){0, 0, 1}, 3);
	memcpy(aired, clear_packet, sizeof(aired));
	air_scramble(aired, STB_CISSA, word[n], n & 1 ? TS_TSC_ODD : TS_TSC_EVEN);
	return again(pid);
}

// A stretch of `pkts` packets of crypto-period `n`, a PES start first. True when all opened.
static bool stretch(unsigned n, size_t pkts)
{
	bool good = true;

	for (size_t i = 0; i < pkts; i++)
		good &= give(i % 3 == 2 ? &audio : &video, n, i == 0) == STB_OPENED;
	return good;
}

static void waits_for_the_first_ecm(void)
{
	begin();
	CU_ASSERT_EQUAL(give(&video, 4, true), STB_WAITING);
	CU_ASSERT_EQUAL(ecm(4, -1, -1), 0);
	CU_ASSERT_EQUAL(give(&video, 4, true), STB_WAITING);
	CU_ASSERT_EQUAL(ecm(4, 4, -1), 0);
	CU_ASSERT_EQUAL(give(&video, 4, true), STB_OPENED);
	// The other parity has none.
	CU_ASSERT_EQUAL(give(&video, 5, true), STB_NO_CW);
	CU_ASSERT_EQUAL(words.flips, 1);
	end();
}

static void zeros_leave_the_word(void)
{
	begin();
	ecm(4, 4, 5);
	ecm(5, 5, -1);
	CU_ASSERT(stretch(4, 20));
	CU_ASSERT(stretch(5, 20));
	end();
}

// lead_CW 0: the ECM comes before its period and has the word on air too.
static void ecm_before_the_flip(void)
{
	begin();
	for (unsigned n = 1; n < 12; n++) {
		CU_ASSERT_EQUAL(ecm(n, (int)n - 1, (int)n), 0);
		CU_ASSERT(n == 1 || stretch(n - 1, 5));
		CU_ASSERT(stretch(n, 40));
	}
	CU_ASSERT_EQUAL(words.flips, 10);
	CU_ASSERT_EQUAL(words.proved, 11);
	end();
}

// lead_CW 1: the ECM comes after the flip and has the next word.
static void ecm_after_the_flip(void)
{
	for (size_t late = 0; late < 30; late++) {
		begin();
		ecm(0, 0, 1);
		for (unsigned n = 0; n < 10; n++) {
			CU_ASSERT(stretch(n, late));
			CU_ASSERT_EQUAL(ecm(n, (int)n, (int)n + 1), 0);
			CU_ASSERT(stretch(n, 40));
		}
		end();
	}
}

// lead_CW 1 and before the flip: the word of the parity on air waits for that flip.
static void next_word_of_the_parity_on_air(void)
{
	begin();
	ecm(0, 0, 1);
	for (unsigned n = 0; n < 10; n++) {
		CU_ASSERT(stretch(n, 40));
		CU_ASSERT_EQUAL(ecm(n + 1, (int)n + 1, (int)n + 2), 0);
		// Both ECMs may be on air for a while.
		CU_ASSERT_EQUAL(ecm(n, (int)n, (int)n + 1), 0);
		CU_ASSERT_EQUAL(ecm(n + 1, (int)n + 1, (int)n + 2), 0);
		CU_ASSERT(stretch(n, 20));
	}
	end();
}

// Without a PES start yet: the ECM's own word was here before, so the other is of the period after.
static void next_word_without_a_proof(void)
{
	begin();
	ecm(0, 0, 1);
	CU_ASSERT_EQUAL(give(&video, 0, false), STB_OPENED);
	ecm(1, 1, 2);
	CU_ASSERT_EQUAL(give(&video, 0, false), STB_OPENED);
	CU_ASSERT(stretch(1, 40));
	CU_ASSERT(stretch(2, 3));
	end();
	// The own word may have been waiting itself.
	begin();
	CU_ASSERT_EQUAL(give(&video, 0, false), STB_WAITING);
	ecm(0, 0, 1);
	ecm(1, 1, 2);
	CU_ASSERT_EQUAL(give(&video, 0, false), STB_OPENED);
	CU_ASSERT(stretch(1, 40));
	CU_ASSERT(stretch(2, 3));
	end();
}

// ECMs were lost: the word held for the parity on air is old, and the new one counts at once.
static void old_word_is_replaced_at_once(void)
{
	begin();
	ecm(1, 0, 1);
	CU_ASSERT(stretch(0, 40));
	CU_ASSERT(stretch(1, 40));
	CU_ASSERT_EQUAL(give(&video, 2, true), STB_LOST);
	CU_ASSERT_EQUAL(ecm(3, 2, 3), 0);
	CU_ASSERT(stretch(2, 40));
	CU_ASSERT(stretch(3, 40));
	// The same with the ECM of the period itself, and without a PES start to tell.
	CU_ASSERT_EQUAL(give(&video, 4, false), STB_LOST);
	CU_ASSERT_EQUAL(ecm(4, 4, 5), 0);
	CU_ASSERT(stretch(4, 40));
	end();
}

// No PES start since the flip, and the own word is new too: what is held is too old to be of the period on air.
static void old_word_without_a_proof(void)
{
	begin();
	ecm(1, 0, 1);
	CU_ASSERT(stretch(1, 40));
	CU_ASSERT_EQUAL(give(&video, 2, false), STB_LOST);
	CU_ASSERT_EQUAL(ecm(3, 2, 3), 0);
	CU_ASSERT_EQUAL(give(&video, 2, false), STB_OPENED);
	CU_ASSERT(stretch(3, 40));
	end();
}

// A PES start that did not open counts more than an own word that was known: this ECM is late.
static void failed_word_is_replaced_at_once(void)
{
	begin();
	ecm(1, 0, 1);
	CU_ASSERT(stretch(1, 40));
	CU_ASSERT_EQUAL(give(&video, 2, true), STB_LOST);
	CU_ASSERT_EQUAL(ecm(1, 1, 2), 0);
	CU_ASSERT(stretch(2, 40));
	end();
}

// A head-end that starts over with new words, in the parity that was on air last.
static void new_beginning_in_the_same_parity(void)
{
	begin();
	ecm(5, 4, 5);
	CU_ASSERT(stretch(4, 20));
	CU_ASSERT(stretch(5, 40));
	CU_ASSERT_EQUAL(ecm(9, -1, 9), 0);
	CU_ASSERT(stretch(9, 40));
	CU_ASSERT_EQUAL(ecm(10, 9, 10), 0);
	CU_ASSERT(stretch(10, 40));
	end();
}

static void duplicate_across_the_flip(void)
{
	uint8_t last[2][TS_PACKET_BYTES];

	begin();
	ecm(1, 0, 1);
	CU_ASSERT(stretch(0, 40));
	CU_ASSERT_EQUAL(give(&audio, 0, false), STB_OPENED);
	memcpy(last[0], aired, sizeof(last[0]));
	memcpy(last[1], clear_packet, sizeof(last[1]));
	for (size_t i = 0; i < 40; i++)
		CU_ASSERT_EQUAL(give(&video, 1, i == 0), STB_OPENED);
	// The word of the duplicate's parity is another one by now.
	ecm(2, 1, 2);
	memcpy(aired, last[0], sizeof(aired));
	memcpy(clear_packet, last[1], sizeof(clear_packet));
	CU_ASSERT_EQUAL(again(&audio), STB_OPENED);
	CU_ASSERT_EQUAL(words.flips, 1);
	CU_ASSERT(stretch(2, 40));
	end();
}

// A network turned packets of two PIDs around at the flip, and the next word of the old parity is here already.
static void late_packet_of_another_pid(void)
{
	begin();
	ecm(0, 0, 1);
	CU_ASSERT(stretch(0, 40));
	CU_ASSERT_EQUAL(give(&video, 1, true), STB_OPENED);
	ecm(1, 1, 2);
	CU_ASSERT_EQUAL(give(&audio, 0, false), STB_OPENED);
	CU_ASSERT_EQUAL(give(&video, 1, false), STB_OPENED);
	CU_ASSERT_EQUAL(give(&audio, 0, false), STB_OPENED);
	CU_ASSERT_EQUAL(words.flips, 1);
	CU_ASSERT(stretch(1, 40));
	CU_ASSERT(stretch(2, 40));
	CU_ASSERT_EQUAL(words.flips, 2);
	end();
	// The same with a lead_CW of 0 and an ECM that comes a whole period early.
	begin();
	ecm(1, 0, 1);
	CU_ASSERT(stretch(0, 40));
	CU_ASSERT_EQUAL(give(&video, 1, true), STB_OPENED);
	ecm(2, 1, 2);
	CU_ASSERT_EQUAL(give(&audio, 0, false), STB_OPENED);
	CU_ASSERT(stretch(1, 40));
	CU_ASSERT(stretch(2, 40));
	end();
}

// Periods so short that the late window has not ended.
static void flips_in_a_row(void)
{
	begin();
	ecm(0, 0, 1);
	for (unsigned n = 0; n < 10; n++) {
		CU_ASSERT_EQUAL(give(&video, n, true), STB_OPENED);
		CU_ASSERT_EQUAL(ecm(n + 1, (int)n + 1, (int)n + 2), 0);
	}
	end();
}

static void words_that_do_not_fit(void)
{
	static const uint8_t padded[16] = {1, 2, 3, 4, 5, 6, 7, 8};

	begin();
	CU_ASSERT_EQUAL(stb_words_take(&words, 0, word[0], NULL, 8), -EINVAL);
	CU_ASSERT_EQUAL(words.serials, 0);
	CU_ASSERT_EQUAL(stb_words_set_cipher(&words, &stb_cipher_csa2), 0);
	CU_ASSERT_EQUAL(stb_words_take(&words, 0, word[0], word[1], 8), 0);
	CU_ASSERT_EQUAL(stb_words_take(&words, 2, padded, word[3], 16), -EINVAL);
	CU_ASSERT_EQUAL(stb_words_take(&words, 2, padded, NULL, 16), 0);
	CU_ASSERT_EQUAL(words.serials, 3);
	end();
}

// An ECM before the edge of an algorithm holds the word behind it, which has its key when the descrambler is changed.
static void words_of_both_lengths(void)
{
	static const uint8_t padded[16] = {1, 2, 3, 4, 5, 6, 7, 8};

	begin();
	CU_ASSERT_EQUAL(stb_words_set_cipher(&words, &stb_cipher_csa2), 0);
	words.parity = TS_TSC_EVEN;
	CU_ASSERT_EQUAL(stb_words_take(&words, 0, padded, word[1], 16), 0);
	CU_ASSERT_TRUE(words.word[0][STB_WORD_CURRENT].keyed);
	CU_ASSERT_EQUAL(words.word[1][STB_WORD_WAITING].n, 16);
	CU_ASSERT_FALSE(words.word[1][STB_WORD_WAITING].keyed);
	CU_ASSERT_EQUAL(stb_words_set_cipher(&words, &stb_cipher_cissa), 0);
	CU_ASSERT_EQUAL(give(&video, 1, true), STB_OPENED);
	end();

	begin(); // a packet of the next parity with the descrambler before is not opened by what is no word of it
	CU_ASSERT_EQUAL(stb_words_set_cipher(&words, &stb_cipher_csa2), 0);
	words.parity = TS_TSC_EVEN;
	CU_ASSERT_EQUAL(stb_words_take(&words, 0, padded, word[1], 16), 0);
	CU_ASSERT_EQUAL(give(&video, 1, true), STB_NO_CW);
	end();
}

// The words outlive a change of the descrambler as far as they fit it.
static void change_of_the_descrambler(void)
{
	begin();
	ecm(0, 0, 1);
	CU_ASSERT_EQUAL(stb_words_set_cipher(&words, NULL), 0);
	CU_ASSERT_EQUAL(give(&video, 0, true), STB_NO_CIPHER);
	CU_ASSERT_EQUAL(stb_words_set_cipher(&words, &stb_cipher_cissa), 0);
	CU_ASSERT(stretch(0, 4));
	CU_ASSERT_EQUAL(stb_words_set_cipher(&words, &stb_cipher_csa1), 0);
	CU_ASSERT_EQUAL(give(&video, 0, true), STB_NO_CW);
	end();
}

static void time_from_ecm_to_use(void)
{
	begin();
	words.clock_known = true;
	words.clock_27mhz = TS_PCR_TURN_27MHZ - 27000 * 100;
	ecm(0, 0, 1);
	CU_ASSERT(stretch(0, 20));
	CU_ASSERT_EQUAL(words.lead.n, 1);
	CU_ASSERT_EQUAL(words.lead.first_27mhz, 0);
	words.clock_27mhz = 27000 * 300;
	CU_ASSERT(stretch(1, 20));
	CU_ASSERT_EQUAL(words.lead.n, 2);
	CU_ASSERT_EQUAL(words.lead.last_27mhz, 27000 * 400);
	CU_ASSERT_EQUAL(words.lead.min_27mhz, 0);
	CU_ASSERT_EQUAL(words.lead.max_27mhz, 27000 * 400);
	end();
}

static const struct unit_test tests[] = {
	{"waits for the first ECM", waits_for_the_first_ecm},
	{"zeros leave the word", zeros_leave_the_word},
	{"ECM before the flip", ecm_before_the_flip},
	{"ECM after the flip", ecm_after_the_flip},
	{"next word of the parity on air", next_word_of_the_parity_on_air},
	{"next word without a proof", next_word_without_a_proof},
	{"old word is replaced at once", old_word_is_replaced_at_once},
	{"old word without a proof", old_word_without_a_proof},
	{"failed word is replaced at once", failed_word_is_replaced_at_once},
	{"new beginning in the same parity", new_beginning_in_the_same_parity},
	{"duplicate across the flip", duplicate_across_the_flip},
	{"late packet of another PID", late_packet_of_another_pid},
	{"flips in a row", flips_in_a_row},
	{"words that do not fit", words_that_do_not_fit},
	{"words of both lengths", words_of_both_lengths},
	{"change of the descrambler", change_of_the_descrambler},
	{"time from ECM to use", time_from_ecm_to_use},
};

UNIT_MAIN("words", tests)
