// SPDX-License-Identifier: GPL-3.0-or-later
// The CA client: every verdict on an ECM by its counter, repeats, replays, another service key.
#include <stb_client.h>

#include <string.h>

#include <base_bytes.h>
#include <desk.h>
#include <unit.h>

enum { TIME = 1700000000, ECM_PID = 500 };

struct scene {
	struct desk desk;
	struct stb_keys keys;
	struct stb_client client;
	struct stb_ecm_stream stream;
	struct stb_words words;
	uint8_t room[STB_WORDS_BYTES], section[STB_ECM_MAX_BYTES];
	size_t n;
};

static struct base_errs errs;
static uint8_t word[8][16];

static void begin(struct scene *s, enum stb_suite suite, const struct stb_cipher *cipher)
{
	char text[1024];

	*s = (struct scene){0};
	for (size_t i = 0; i < 8; i++)
		memset(word[i], (int)(0x11 * i + 1), 16);
	base_errs_init(&errs);
	desk_init(&s->desk, suite);
	CU_ASSERT_EQUAL_FATAL(stb_keys_parse(&s->keys, text, desk_keys(&s->desk, text, sizeof(text)), "k", &errs), 0);
	CU_ASSERT_EQUAL_FATAL(stb_client_init(&s->client, &s->keys), 0);
	stb_ecm_stream_init(&s->stream);
	stb_ecm_stream_move(&s->stream, ECM_PID, 0x0A0B);
	stb_words_init(&s->words, s->room);
	CU_ASSERT_EQUAL_FATAL(stb_words_set_cipher(&s->words, cipher), 0);
}

static void end(struct scene *s)
{
	uint64_t verdicts = 0;

	for (size_t i = 0; i < STB_ECM_VERDICTS; i++)
		verdicts += s->stream.verdict[i];
	CU_ASSERT_EQUAL(s->stream.received, s->stream.repeats + verdicts);
	CU_ASSERT_EQUAL(stb_ecm_stream_refused(&s->stream), verdicts - s->stream.verdict[STB_ECM_OPENED]);
	stb_words_fini(&s->words);
	stb_client_fini(&s->client);
	stb_keys_free(&s->keys);
}

static void compose(struct scene *s, unsigned key, unsigned cp, uint32_t time_s, size_t cw_bytes)
{
	s->n = desk_ecm(&s->desk,
			&(struct desk_ecm){.service_key_id = key,
					   .cp_number = cp,
					   .time_s = time_s,
					   .even = word[cp / 2 % 4 * 2],
					   .odd = word[cp / 2 % 4 * 2 + 1],
					   .cw_bytes = cw_bytes},
			s->section);
}

// Gives the section; true when the verdict's counter, and it alone, went up.
static bool gives(struct scene *s, enum stb_ecm_verdict verdict)
{
	uint64_t before[STB_ECM_VERDICTS], sum = 0;

	memcpy(before, s->stream.verdict, sizeof(before));
	stb_ecm_stream_take(&s->stream, &s->client, &s->words, s->section, s->n);
	for (size_t i = 0; i < STB_ECM_VERDICTS; i++)
		sum += s->stream.verdict[i] - before[i];
	return sum == 1 && s->stream.verdict[verdict] == before[verdict] + 1;
}

static bool holds(const struct scene *s, const uint8_t *even, const uint8_t *odd, size_t n)
{
	return memcmp(s->words.word[0][STB_WORD_CURRENT].cw, even, n) == 0 &&
	       memcmp(s->words.word[1][STB_WORD_CURRENT].cw, odd, n) == 0;
}

static void opens_in_every_suite(void)
{
	static const enum stb_suite suites[] = {STB_SUITE_TDES, STB_SUITE_AES, STB_SUITE_SM4};
	struct scene s;

	for (size_t i = 0; i < 3; i++) {
		begin(&s, suites[i], &stb_cipher_csa2);
		compose(&s, 1, 0, TIME, 8);
		CU_ASSERT(gives(&s, STB_ECM_OPENED));
		CU_ASSERT(holds(&s, word[0], word[1], 8));
		end(&s);
		begin(&s, suites[i], &stb_cipher_cissa);
		compose(&s, 2, 3, TIME, 16);
		CU_ASSERT(gives(&s, STB_ECM_OPENED));
		CU_ASSERT(holds(&s, word[2], word[3], 16));
		end(&s);
	}
}

// What a chip forgets: K1 and the words on their way.
static void keeps_nothing(void)
{
	static const uint8_t zero[32];
	struct scene s;

	begin(&s, STB_SUITE_AES, &stb_cipher_cissa);
	compose(&s, 1, 0, TIME, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	CU_ASSERT_EQUAL(memcmp(s.client.words.bytes, zero, 32), 0);
	CU_ASSERT_EQUAL(memcmp(s.client.klad.registers.bytes + 16, zero, 32), 0);
	end(&s);
}

static void every_refusal(void)
{
	static const struct {
		size_t at;
		uint8_t value;
		bool sealed;
		enum stb_ecm_verdict verdict;
	} spoil[] = {
		{2, 1, false, STB_ECM_BAD_LENGTH},
		{3, 9, true, STB_ECM_UNKNOWN_VERSION},
		{0, 0x81, true, STB_ECM_BAD_TABLE_ID},
		{4, STB_SUITE_SM4, true, STB_ECM_WRONG_SUITE},
		{5, 0x77, true, STB_ECM_WRONG_SUBSYSTEM},
		{8, 3, true, STB_ECM_UNKNOWN_KEY},
		{8, 2, true, STB_ECM_BAD_MAC},
		{14, 1, false, STB_ECM_BAD_MAC},
		{20, 0x55, false, STB_ECM_BAD_MAC},
	};
	static const uint8_t cut[] = {1, 4, 0};
	struct scene s;

	begin(&s, STB_SUITE_AES, &stb_cipher_cissa);
	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		compose(&s, 1, 4, TIME, 16);
		s.section[spoil[i].at] = spoil[i].value;
		if (spoil[i].sealed)
			desk_seal(&s.desk, s.section, s.n);
		CU_ASSERT(gives(&s, spoil[i].verdict));
	}
	s.n = desk_ecm(&s.desk,
		       &(struct desk_ecm){
			       .service_key_id = 1, .cw_bytes = 16, .conditions = cut, .conditions_bytes = sizeof(cut)},
		       s.section);
	CU_ASSERT(gives(&s, STB_ECM_BAD_CONDITIONS));
	CU_ASSERT_EQUAL(s.words.serials, 0);
	// None of this stands in the way of a good one.
	compose(&s, 1, 4, TIME, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	end(&s);
}

// The ladder gave something that is no word of the descrambler.
static void no_word_of_the_descrambler(void)
{
	struct scene s;

	begin(&s, STB_SUITE_AES, &stb_cipher_csa2);
	compose(&s, 1, 0, TIME, 16);
	CU_ASSERT(gives(&s, STB_ECM_BAD_CW));
	CU_ASSERT_EQUAL(s.words.serials, 0);
	end(&s);
	begin(&s, STB_SUITE_TDES, &stb_cipher_cissa);
	compose(&s, 1, 0, TIME, 8);
	CU_ASSERT(gives(&s, STB_ECM_BAD_CW));
	end(&s);
}

static void repeats_cost_nothing(void)
{
	struct scene s;

	begin(&s, STB_SUITE_SM4, &stb_cipher_csa2);
	compose(&s, 1, 0, TIME, 8);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	for (size_t i = 0; i < 5; i++)
		CU_ASSERT(!gives(&s, STB_ECM_OPENED));
	CU_ASSERT_EQUAL(s.stream.received, 6);
	CU_ASSERT_EQUAL(s.stream.repeats, 5);
	// A new descrambler needs the words again.
	stb_ecm_stream_forget(&s.stream);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	end(&s);
}

static void replays(void)
{
	struct scene s;

	begin(&s, STB_SUITE_AES, &stb_cipher_cissa);
	compose(&s, 1, 3, TIME, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	compose(&s, 1, 2, TIME - 1, 16);
	CU_ASSERT(gives(&s, STB_ECM_REPLAYED));
	CU_ASSERT(holds(&s, word[2], word[3], 16));
	// Over the end of the numbers as well.
	compose(&s, 1, 65535, TIME - 1, 16);
	CU_ASSERT(gives(&s, STB_ECM_REPLAYED));
	// A clock that was put back, and a head-end that counts anew.
	compose(&s, 1, 4, TIME - 100, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	compose(&s, 1, 0, TIME - 99, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	// Another PID is another life.
	stb_ecm_stream_move(&s.stream, ECM_PID + 1, 0x0A0B);
	compose(&s, 1, 65000, TIME - 1000, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	CU_ASSERT_EQUAL(s.stream.pid_changes, 1);
	end(&s);
}

// A recording that begins again, or a head-end that lost its clock and its count: refused for a crypto-period, then
// followed. What comes between live ECMs is not.
static void begins_again(void)
{
	struct scene s;

	begin(&s, STB_SUITE_AES, &stb_cipher_cissa);
	compose(&s, 1, 20, TIME, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	compose(&s, 1, 9, TIME - 110, 16);
	CU_ASSERT(gives(&s, STB_ECM_REPLAYED));
	compose(&s, 1, 10, TIME - 111, 16); // its time goes back again
	CU_ASSERT(gives(&s, STB_ECM_REPLAYED));
	compose(&s, 1, 21, TIME + 10, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	compose(&s, 1, 11, TIME - 90, 16); // that one was of before
	CU_ASSERT(gives(&s, STB_ECM_REPLAYED));
	compose(&s, 1, 12, TIME - 80, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	compose(&s, 1, 13, TIME - 70, 16);
	CU_ASSERT(gives(&s, STB_ECM_OPENED));
	CU_ASSERT_EQUAL(s.stream.verdict[STB_ECM_REPLAYED], 3);
	end(&s);
}

static void counts_crypto_periods(void)
{
	static const unsigned cps[] = {65534, 65535, 0, 1, 1, 4, 5};
	struct scene s;

	begin(&s, STB_SUITE_AES, &stb_cipher_cissa);
	for (uint32_t i = 0; i < sizeof(cps) / sizeof(cps[0]); i++) {
		compose(&s, 1 + (i > 3), cps[i], TIME + i, 16);
		CU_ASSERT(gives(&s, STB_ECM_OPENED));
	}
	CU_ASSERT_EQUAL(s.stream.cp_first, 65534);
	CU_ASSERT_EQUAL(s.stream.cp_last, 5);
	CU_ASSERT_EQUAL(s.stream.cp_gaps, 1);
	CU_ASSERT_EQUAL(s.stream.service_key_id, 2);
	CU_ASSERT_EQUAL(s.stream.service_key_changes, 1);
	end(&s);
}

static void too_long_to_keep(void)
{
	static uint8_t huge[4096] = {0x80, 0x7F, 0xFD};
	struct scene s;

	begin(&s, STB_SUITE_AES, &stb_cipher_cissa);
	for (size_t i = 0; i < 2; i++)
		stb_ecm_stream_take(&s.stream, &s.client, &s.words, huge, sizeof(huge));
	CU_ASSERT_EQUAL(s.stream.verdict[STB_ECM_BAD_LENGTH], 2);
	end(&s);
}

static const struct unit_test tests[] = {
	{"opens in every suite", opens_in_every_suite},
	{"keeps nothing", keeps_nothing},
	{"every refusal", every_refusal},
	{"no word of the descrambler", no_word_of_the_descrambler},
	{"repeats cost nothing", repeats_cost_nothing},
	{"replays", replays},
	{"begins again", begins_again},
	{"counts crypto-periods", counts_crypto_periods},
	{"too long to keep", too_long_to_keep},
};

UNIT_MAIN("client", tests)
