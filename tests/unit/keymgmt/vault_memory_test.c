// SPDX-License-Identifier: GPL-3.0-or-later
// The running vault's memory, read through /proc: no control word of a batch that was answered, no text of the key
// file. Exit status 77 where a process may not look into another.
#include <inttypes.h>

#include "vault_rig.h"

#define K1   "c0de5ec7e7a10bad5ca1ab1ef005ba11"
#define AUTH "facade00beadedcafedeadfeed0decaf"

enum { WINDOW_BYTES = 1 << 20, CW_BYTES = 16 };

static struct vault_rig rig;

// Of a batch: the ends of it and one within, of both lengths. A search takes its time where memory is large.
static const uint8_t looked_for[] = {0, 1, 15, KM_MSG_BATCH_MAX - 2, KM_MSG_BATCH_MAX - 1};

static int open_memory(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)rig.pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

// How often the needle lies in one mapping; windows overlap by a needle less one byte.
static size_t count_range(int fd, uint64_t from, uint64_t to, const void *needle, size_t n)
{
	static uint8_t window[WINDOW_BYTES];
	size_t found = 0;

	while (to - from >= n) {
		size_t want = to - from < sizeof(window) ? (size_t)(to - from) : sizeof(window);
		ssize_t got = pread(fd, window, want, (off_t)from);

		if (got < (ssize_t)n)
			break;
		for (const uint8_t *p = window; (p = memmem(p, (size_t)(window + got - p), needle, n)); p++)
			found++;
		from += (size_t)got - (n - 1);
	}
	return found;
}

// In everything that it can write to.
static size_t count(const void *needle, size_t n)
{
	char path[64], line[600], perms[5];
	size_t found = 0, mappings = 0;
	uint64_t from, to;
	int fd = open_memory();

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)rig.pid);
	FILE *maps = fopen(path, "re");

	CU_ASSERT_FATAL(fd >= 0 && maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, perms) == 3 && perms[0] == 'r' &&
		    perms[1] == 'w' && to - from < (uint64_t)1 << 32) {
			found += count_range(fd, from, to, needle, n);
			mappings++;
		}
	CU_ASSERT_TRUE(mappings > 5);
	fclose(maps);
	close(fd);
	return found;
}

static void word(uint8_t *cw, uint32_t seed)
{
	for (unsigned i = 0; i < CW_BYTES; i++) {
		seed = seed * 1664525 + 1013904223;
		cw[i] = (uint8_t)(seed >> 24);
	}
}

static void serve_words(const char *suite)
{
	static struct km_msg_ecm_batch batch;
	struct km_msg_ecm_result result;
	char keys[256];

	snprintf(keys, sizeof(keys), "suite %s\nca_subsystem 0001\nservice_key 1 k1 " K1 " auth " AUTH "\n", suite);
	vault_rig_open(&rig, keys);
	vault_rig_serve(&rig);
	int client = vault_rig_connect(&rig);

	for (uint32_t round = 0; round < 4; round++) { // the later ones find the former's traces, were there any
		batch = vault_rig_batch(KM_MSG_BATCH_MAX, 0);
		for (uint32_t i = 0; i < KM_MSG_BATCH_MAX; i++) {
			word(batch.request[i].cw_even, 2 * i + 1000 * round);
			word(batch.request[i].cw_odd, 2 * i + 1 + 1000 * round);
			batch.request[i].cw_bytes = i % 2 ? 8 : 16;
		}
		CU_ASSERT_EQUAL(base_local_send(client, &batch, sizeof(batch)), 0);
		CU_ASSERT_EQUAL_FATAL(vault_rig_receive(client, &result, sizeof(result)), (ssize_t)sizeof(result));
		CU_ASSERT_EQUAL(result.answer[KM_MSG_BATCH_MAX - 1].error, 0);
		for (unsigned i = 0; i < sizeof(looked_for); i++) { // the first half of each is in every form of it
			CU_ASSERT_EQUAL(count(batch.request[looked_for[i]].cw_even, 8), 0);
			CU_ASSERT_EQUAL(count(batch.request[looked_for[i]].cw_odd, 8), 0);
		}
		// What went out may lie there: the search does see this process.
		CU_ASSERT_TRUE(count(result.answer[3].section, result.answer[3].bytes) >= 1);
	}
	close(client);
}

static void end(void)
{
	vault_rig_stop(&rig);
	vault_rig_close(&rig);
}

static void no_words(void)
{
	static const char *const suites[] = {"tdes", "aes", "sm4"};

	for (unsigned s = 0; s < 3; s++) {
		serve_words(suites[s]);
		end();
	}
}

// The digits of the key file are gone once the ciphers are keyed; of the keys, what the ciphers need is left.
static void no_text(void)
{
	static const uint8_t k1[] = {0xc0, 0xde, 0x5e, 0xc7, 0xe7, 0xa1, 0x0b, 0xad,
				     0x5c, 0xa1, 0xab, 0x1e, 0xf0, 0x05, 0xba, 0x11};
	static const char digits[] = K1;

	serve_words("aes");
	CU_ASSERT_EQUAL(count(digits, 16), 0);
	CU_ASSERT_EQUAL(count(digits + 16, 16), 0);
	CU_ASSERT_EQUAL(count(AUTH, 16), 0);
	CU_ASSERT_EQUAL(count(k1, sizeof(k1)), 1); // the first round key of AES is the key; one cipher, one place
	end();
}

static const struct unit_test tests[] = {
	{"no control words", no_words},
	{"no text of the key file", no_text},
};

// Whether this user may look into a process that has made itself undumpable.
static bool may_look(void)
{
	vault_rig_open(&rig, "suite aes\nca_subsystem 0001\nservice_key 1 k1 " K1 " auth " AUTH "\n");
	vault_rig_serve(&rig);
	int fd = open_memory();

	close(fd);
	kill(rig.pid, SIGTERM);
	vault_rig_end(&rig);
	vault_rig_close(&rig);
	return fd >= 0;
}

static bool looked;

static void look(void)
{
	looked = may_look();
}

int main(int argc, char **argv)
{
	static const struct unit_test first[] = {{"may look", look}};

	if (argc != 2)
		return 2;
	vault_rig_program = argv[1];
	int rc = unit_run("vault memory, looking", first, 1);

	if (rc || !looked)
		return rc ? rc : 77;
	return unit_run("vault memory", tests, sizeof(tests) / sizeof(tests[0]));
}
