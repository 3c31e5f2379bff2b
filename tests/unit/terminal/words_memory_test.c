// SPDX-License-Identifier: GPL-3.0-or-later
// A control word that came by ECM is gone from this process's memory when its life is over, its key schedule too.
//
// The ECMs are made by another process: here the words exist only where the terminal puts them.
#include <stb_client.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <desk.h>
#include <memory_search.h>
#include <unit.h>

enum { FIRST = 40, ECMS = 3 };

struct sealed {
	size_t n;
	uint8_t section[STB_ECM_MAX_BYTES];
};

static struct sealed ecms[ECMS];
static char text[1024];
static struct stb_keys keys;
static struct stb_client client;
static struct stb_ecm_stream stream;
static struct stb_words words;
static struct base_secret room;

// Of crypto-period `n` and the one before: words FIRST + n - 1 and FIRST + n.
static void compose(const struct desk *desk, unsigned n, size_t cw_bytes)
{
	uint8_t cw[2][16];

	memory_key_make(cw[1 - (n & 1)], FIRST + n - 1, 16);
	memory_key_make(cw[n & 1], FIRST + n, 16);
	ecms[n - 1].n = desk_ecm(desk,
				 &(struct desk_ecm){.service_key_id = 1,
						    .cp_number = n,
						    .time_s = n,
						    .even = cw[0],
						    .odd = cw[1],
						    .cw_bytes = cw_bytes},
				 ecms[n - 1].section);
}

static void compose_elsewhere(enum stb_suite suite, size_t cw_bytes)
{
	struct desk desk;
	int to[2], status;
	pid_t child;

	desk_init(&desk, suite);
	desk_keys(&desk, text, sizeof(text));
	CU_ASSERT_EQUAL_FATAL(pipe(to), 0);
	fflush(stdout);
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (child == 0) {
		for (unsigned n = 1; n <= ECMS; n++)
			compose(&desk, n, cw_bytes);
		_exit(write(to[1], ecms, sizeof(ecms)) == sizeof(ecms) ? 0 : 1);
	}
	close(to[1]);
	CU_ASSERT_EQUAL_FATAL(read(to[0], ecms, sizeof(ecms)), (ssize_t)sizeof(ecms));
	close(to[0]);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
}

static void open_terminal(const struct stb_cipher *cipher)
{
	struct base_errs errs;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(stb_keys_parse(&keys, text, strlen(text), "keys", &errs), 0);
	CU_ASSERT_EQUAL_FATAL(stb_client_init(&client, &keys), 0);
	CU_ASSERT_EQUAL_FATAL(base_secret_init(&room, STB_WORDS_BYTES), 0);
	stb_ecm_stream_init(&stream);
	stb_words_init(&words, room.bytes);
	CU_ASSERT_EQUAL_FATAL(stb_words_set_cipher(&words, cipher), 0);
}

// Gives the ECM of a crypto-period and puts both of its words to work.
static void live_through(unsigned n)
{
	struct stb_follower_pid pid = {.pes = true};

	stb_ecm_stream_take(&stream, &client, &words, ecms[n - 1].section, ecms[n - 1].n);
	for (unsigned i = 0; i < 80; i++) {
		uint8_t packet[TS_PACKET_BYTES] = {TS_SYNC_BYTE, 0x01, 1, (uint8_t)(0x10 | (i & 15))};
		unsigned period = i < 40 ? n - 1 : n;

		packet[10] = (uint8_t)i;
		ts_packet_set_tsc(packet, period & 1 ? TS_TSC_ODD : TS_TSC_EVEN);
		CU_ASSERT_EQUAL(stb_words_open(&words, &pid, packet), STB_OPENED);
	}
}

static void check(enum stb_suite suite, const struct stb_cipher *cipher)
{
	unsigned bytes = (unsigned)cipher->cw_bytes;

	compose_elsewhere(suite, cipher->cw_bytes);
	CU_ASSERT_EQUAL(memory_count(FIRST, bytes) + memory_count(FIRST + 1, bytes), 0);
	open_terminal(cipher);
	live_through(1);
	// The search finds what is there.
	CU_ASSERT(memory_count(FIRST, bytes) > 0);
	CU_ASSERT(memory_count(FIRST + 1, bytes) > 0);
	live_through(2);
	live_through(3);
	CU_ASSERT_EQUAL(stream.verdict[STB_ECM_OPENED], ECMS);
	CU_ASSERT(memory_count(FIRST + 3, bytes) > 0);
	stb_words_fini(&words);
	stb_client_fini(&client);
	for (unsigned i = 0; i <= ECMS; i++)
		CU_ASSERT_EQUAL(memory_count(FIRST + i, bytes), 0);
	base_secret_fini(&room);
	stb_keys_free(&keys);
}

static void csa2_by_tdes(void)
{
	check(STB_SUITE_TDES, &stb_cipher_csa2);
}

static void csa1_by_sm4(void)
{
	check(STB_SUITE_SM4, &stb_cipher_csa1);
}

static void cissa_by_aes(void)
{
	check(STB_SUITE_AES, &stb_cipher_cissa);
}

static void cissa_by_sm4(void)
{
	check(STB_SUITE_SM4, &stb_cipher_cissa);
}

static void idsa_by_aes(void)
{
	check(STB_SUITE_AES, &stb_cipher_idsa);
}

static void aes_ecb_by_tdes(void)
{
	check(STB_SUITE_TDES, &stb_cipher_aes_ecb);
}

static const struct unit_test tests[] = {
	{"CSA2 by TDES", csa2_by_tdes}, {"CSA1 by SM4", csa1_by_sm4}, {"CISSA by AES", cissa_by_aes},
	{"CISSA by SM4", cissa_by_sm4}, {"IDSA by AES", idsa_by_aes}, {"AES-ECB by TDES", aes_ecb_by_tdes},
};

UNIT_MAIN("words memory", tests)
