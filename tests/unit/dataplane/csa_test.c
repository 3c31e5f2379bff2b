// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of DVB-CSA: the key record against the description, the shifted block cipher of csa_key.h against the plain
// one, and the reference against libdvbcsa's functions for a single packet.
#include <dvbcsa/dvbcsa.h>

#include "cipher/csa/csa_reference.h"
#include "cipher/csa/csa_tables.h"
#include "cipher_rig.h"

enum { ROUNDS = DP_CSA_ROUNDS, TIMES = 2000 };

static struct dp_csa_key random_key(void)
{
	struct dp_csa_key key;
	uint8_t cw[8];

	random_fill(cw, sizeof(cw));
	dp_csa2_set_key(NULL, &key, cw);
	CU_ASSERT_EQUAL(memcmp(key.cw, cw, 8), 0);
	return key;
}

// The same bits one by one.
static void permute(uint8_t to[8], const uint8_t from[8])
{
#define ROW(a, b, c, d) a, b, c, d,
	static const uint8_t where[64] = {DP_CSA_KEY_BITS(ROW)};

	memset(to, 0, 8);
	for (unsigned i = 0; i < 64; i++)
		if (from[i / 8] >> (7 - i % 8) & 1)
			to[where[i] / 8] |= (uint8_t)(0x80 >> where[i] % 8);
}

static void round_keys(void)
{
	for (unsigned t = 0; t < TIMES; t++) {
		struct dp_csa_key key = random_key();
		uint8_t group[8], above[8];

		memcpy(group, key.cw, 8);
		for (unsigned g = 7; g-- > 0;) {
			for (unsigned j = 0; j < 8; j++)
				CU_ASSERT_EQUAL_FATAL(key.k[8 * g + j], group[j] ^ g);
			memcpy(above, group, 8);
			permute(group, above);
		}
	}
}

static void shifted_constants(void)
{
	for (unsigned t = 0; t < TIMES; t++) {
		struct dp_csa_key key = random_key();
		uint8_t c[ROUNDS + 6] = {0};

		for (unsigned i = 0; i < ROUNDS; i++) {
			c[i + 6] = (uint8_t)((i ? key.k[i - 1] : 0) ^ c[i + 2] ^ c[i + 3] ^ c[i + 4]);
			CU_ASSERT_EQUAL_FATAL(key.q[i], c[i] ^ (i + 1 < ROUNDS ? key.k[i + 1] : 0));
		}
		CU_ASSERT_EQUAL(key.k0, key.k[0]);
		CU_ASSERT_EQUAL(key.out[6], key.k[ROUNDS - 1]);
	}
}

// The block cipher as csa_key.h shifts it.
static void shifted_encrypt(const struct dp_csa_key *key, uint8_t w[8])
{
	uint8_t a[ROUNDS + 6], y[ROUNDS + 2], *y0 = y + 1; // y0[-1] is y_{-1}

	a[0] = w[0];
	a[1] = w[1];
	a[2] = w[2] ^ a[0];
	a[3] = w[3] ^ a[0] ^ a[1];
	a[4] = w[4] ^ a[0] ^ a[1] ^ a[2];
	a[5] = w[5] ^ a[1] ^ a[2] ^ a[3];
	y0[-1] = w[6];
	y0[0] = w[7] ^ key->k0;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t s = dp_csa_block_sbox[y0[i]];

		y0[i + 1] = a[i] ^ s ^ key->q[i];
		a[i + 6] = y[i] ^ dp_csa_block_permute(s) ^ a[i + 2] ^ a[i + 3] ^ a[i + 4];
	}
	const uint8_t *e = a + ROUNDS;
	const uint8_t exit[8] = {e[0],
				 e[1],
				 e[2] ^ e[0],
				 e[3] ^ e[1] ^ e[0],
				 e[4] ^ e[0] ^ e[1] ^ e[2],
				 e[5] ^ e[1] ^ e[2] ^ e[3],
				 y0[ROUNDS - 1],
				 y0[ROUNDS]};

	for (unsigned j = 0; j < 8; j++)
		w[j] = exit[j] ^ (j < 7 ? key->out[j] : 0);
}

static void shifted_block(void)
{
	for (unsigned t = 0; t < TIMES; t++) {
		struct dp_csa_key key = random_key();
		uint8_t clear[8], plain[8], shifted[8];

		random_fill(clear, 8);
		memcpy(plain, clear, 8);
		memcpy(shifted, clear, 8);
		dp_csa_block_encrypt(&key, plain);
		shifted_encrypt(&key, shifted);
		CU_ASSERT_EQUAL_FATAL(memcmp(plain, shifted, 8), 0);
		dp_csa_block_decrypt(&key, plain);
		CU_ASSERT_EQUAL_FATAL(memcmp(plain, clear, 8), 0);
	}
}

// Every output value of an S-box comes from eight inputs, every bit of A is read once and of B folded once.
static void tables(void)
{
	bool block[256] = {false}, A[41] = {false}, B[41] = {false};

	for (unsigned i = 0; i < 256; i++)
		block[dp_csa_block_sbox[i]] = true;
	for (unsigned i = 0; i < 256; i++)
		CU_ASSERT_TRUE(block[i]);
	for (unsigned n = 0; n < 7; n++) {
		unsigned count[4] = {0};

		for (unsigned i = 0; i < 32; i++)
			count[dp_csa_stream_sbox[n][i]]++;
		for (unsigned v = 0; v < 4; v++)
			CU_ASSERT_EQUAL(count[v], 8);
		for (unsigned i = 0; i < 5; i++) {
			bool *read = &A[4 * dp_csa_stream_tap[n][i].cell - 4 + dp_csa_stream_tap[n][i].bit];

			CU_ASSERT_FALSE(*read);
			*read = true;
		}
	}
	for (unsigned i = 0; i < 16; i++) {
		bool *read = &B[4 * dp_csa_stream_fold[i / 4][i % 4].cell - 4 + dp_csa_stream_fold[i / 4][i % 4].bit];

		CU_ASSERT_FALSE(*read);
		*read = true;
	}
}

static void witness(void)
{
	struct dvbcsa_key_s *library = dvbcsa_key_alloc();
	uint8_t scratch[192] __attribute__((aligned(64)));

	for (unsigned t = 0; t < TIMES; t++) {
		struct dp_csa_key key = random_key();
		uint8_t clear[192], want[192], got[192];
		unsigned n = t % (TS_PAYLOAD_MAX_BYTES + 1);
		struct dp_lane lane = {.src = clear, .dst = got, .key = &key, .n = (uint8_t)n};

		random_fill(clear, sizeof(clear));
		memcpy(want, clear, sizeof(want));
		dvbcsa_key_set(key.cw, library);
		if (n >= 8)
			dvbcsa_encrypt(library, want, n);
		dp_csa_reference[1].scramble(scratch, &lane, 1);
		CU_ASSERT_TRUE_FATAL(lane.done && memcmp(got, want, n) == 0);
		lane.src = got;
		dp_csa_reference[1].descramble(scratch, &lane, 1);
		CU_ASSERT_TRUE_FATAL(memcmp(got, clear, n) == 0);
	}
	dvbcsa_key_free(library);
}

static void csa1_sums(void)
{
	const uint8_t cw[8] = {0x80, 0x90, 0xa0, 0xff, 1, 2, 3, 0xff}, sums[8] = {0x80, 0x90, 0xa0, 0xb0, 1, 2, 3, 6};
	struct dp_csa_key one, two;

	dp_csa1_set_key(NULL, &one, cw);
	dp_csa2_set_key(NULL, &two, sums);
	CU_ASSERT_EQUAL(memcmp(&one, &two, sizeof(one)), 0);
}

static const struct unit_test tests[] = {
	{"tables", tables},
	{"round keys", round_keys},
	{"shifted constants", shifted_constants},
	{"shifted block", shifted_block},
	{"reference and libdvbcsa", witness},
	{"CSA1 sums", csa1_sums},
};

UNIT_MAIN("csa", tests)
