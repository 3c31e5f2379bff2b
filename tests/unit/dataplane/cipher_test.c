// SPDX-License-Identifier: GPL-3.0-or-later
// Every cipher against an independent witness: DVB-CISSA against OpenSSL's AES-128-CBC, DVB-CSA against libdvbcsa's
// function for a single packet.
#include <dvbcsa/dvbcsa.h>
#include <openssl/evp.h>

#include "cipher_rig.h"

enum { PADDED_BYTES = 192, KEYS = 37, LANES = DP_CIPHER_LANES_MAX, MARGIN_BYTES = 16, MARK = 0x5C };

static const enum dp_algorithm algorithms[] = {DP_CSA1, DP_CSA2, DP_CISSA};
enum { ALGORITHMS = sizeof(algorithms) / sizeof(algorithms[0]) };

static void witness_cissa(uint8_t *bytes, unsigned n, const uint8_t *cw)
{
	static const uint8_t iv[] = "DVBTMCPTAESCISSA";
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int out = 0;

	CU_ASSERT_EQUAL_FATAL(EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, cw, iv), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	CU_ASSERT_EQUAL_FATAL(EVP_EncryptUpdate(ctx, bytes, &out, bytes, (int)(n & ~15u)), 1);
	CU_ASSERT_EQUAL_FATAL(out, (int)(n & ~15u));
	EVP_CIPHER_CTX_free(ctx);
}

static void witness_csa(uint8_t *bytes, unsigned n, const uint8_t *cw, bool checked)
{
	struct dvbcsa_key_s *key = dvbcsa_key_alloc();
	uint8_t word[8];

	memcpy(word, cw, 8);
	if (checked) {
		word[3] = (uint8_t)(word[0] + word[1] + word[2]);
		word[7] = (uint8_t)(word[4] + word[5] + word[6]);
	}
	dvbcsa_key_set(word, key);
	if (n >= 8)
		dvbcsa_encrypt(key, bytes, n);
	dvbcsa_key_free(key);
}

static void witness(enum dp_algorithm algorithm, uint8_t *bytes, unsigned n, const uint8_t *cw)
{
	if (algorithm == DP_CISSA)
		witness_cissa(bytes, n, cw);
	else
		witness_csa(bytes, n, cw, algorithm == DP_CSA1);
}

// One batch: its clear payloads, what must come out, and lanes of random keys, lengths and alignments.
struct batch {
	struct cipher_rig rig;
	enum dp_algorithm algorithm;
	uint8_t cw[KEYS][DP_CW_MAX_BYTES];
	void *key[KEYS];
	uint8_t src[LANES][PADDED_BYTES + MARGIN_BYTES];
	uint8_t dst[LANES][MARGIN_BYTES + PADDED_BYTES + MARGIN_BYTES];
	uint8_t want[LANES][TS_PAYLOAD_MAX_BYTES];
	struct dp_lane lane[LANES];
};

static struct batch b;

static void open_batch(enum dp_algorithm algorithm)
{
	b.algorithm = algorithm;
	cipher_rig_open(&b.rig, algorithm, KEYS);
	for (unsigned k = 0; k < KEYS; k++) {
		random_fill(b.cw[k], DP_CW_MAX_BYTES);
		b.key[k] = cipher_rig_key(&b.rig, b.cw[k]);
	}
}

static void lay(unsigned i, unsigned k, unsigned n)
{
	uint8_t *src = b.src[i] + random_word() % MARGIN_BYTES;
	uint8_t *dst = b.dst[i] + 1 + random_word() % MARGIN_BYTES;

	random_fill(b.src[i], sizeof(b.src[i]));
	memset(b.dst[i], MARK, sizeof(b.dst[i]));
	memcpy(b.want[i], src, n);
	witness(b.algorithm, b.want[i], n, b.cw[k]);
	b.lane[i] = (struct dp_lane){.src = src, .dst = dst, .key = b.key[k], .n = (uint8_t)n};
}

// The bytes at dst are the witness's, and those around it are as they were.
static bool right(unsigned i)
{
	const struct dp_lane *lane = &b.lane[i];
	size_t before = (size_t)(lane->dst - b.dst[i]);

	if (!lane->done || memcmp(lane->dst, b.want[i], lane->n) != 0)
		return false;
	for (size_t k = 0; k < sizeof(b.dst[i]); k++)
		if ((k < before || k >= before + lane->n) && b.dst[i][k] != MARK)
			return false;
	return true;
}

static unsigned count_right(unsigned n)
{
	unsigned good = 0;

	for (unsigned i = 0; i < n; i++)
		good += right(i);
	return good;
}

// Descrambles what came out in place of the clear payloads, and compares with them.
static unsigned count_back(unsigned n)
{
	static uint8_t clear[LANES][PADDED_BYTES];
	static struct dp_lane back[LANES];
	unsigned good = 0;

	for (unsigned i = 0; i < n; i++)
		back[i] =
			(struct dp_lane){.src = b.lane[i].dst, .dst = clear[i], .key = b.lane[i].key, .n = b.lane[i].n};
	dp_cipher_descramble(b.rig.ops, b.rig.scratch, back, n);
	for (unsigned i = 0; i < n; i++)
		good += back[i].done && memcmp(clear[i], b.lane[i].src, b.lane[i].n) == 0;
	return good;
}

static void every_length(void)
{
	for (unsigned a = 0; a < ALGORITHMS; a++) {
		open_batch(algorithms[a]);
		for (unsigned n = 0; n <= TS_PAYLOAD_MAX_BYTES; n++)
			lay(n, n % KEYS, n);
		dp_cipher_scramble(b.rig.ops, b.rig.scratch, b.lane, TS_PAYLOAD_MAX_BYTES + 1);
		CU_ASSERT_EQUAL(count_right(TS_PAYLOAD_MAX_BYTES + 1), TS_PAYLOAD_MAX_BYTES + 1);
		CU_ASSERT_EQUAL(count_back(TS_PAYLOAD_MAX_BYTES + 1), TS_PAYLOAD_MAX_BYTES + 1);
		cipher_rig_close(&b.rig);
	}
}

static void every_length_alone(void)
{
	for (unsigned a = 0; a < ALGORITHMS; a++) {
		open_batch(algorithms[a]);
		for (unsigned n = 0; n <= TS_PAYLOAD_MAX_BYTES; n++) {
			lay(0, 0, n);
			dp_cipher_scramble(b.rig.ops, b.rig.scratch, b.lane, 1);
			CU_ASSERT_TRUE(right(0));
			CU_ASSERT_EQUAL(count_back(1), 1);
		}
		cipher_rig_close(&b.rig);
	}
}

static void batch_of(unsigned n, unsigned keys, bool full_length)
{
	for (unsigned i = 0; i < n; i++)
		lay(i, (unsigned)(random_word() % keys),
		    full_length ? TS_PAYLOAD_MAX_BYTES : (unsigned)(random_word() % (TS_PAYLOAD_MAX_BYTES + 1)));
	dp_cipher_scramble(b.rig.ops, b.rig.scratch, b.lane, n);
	CU_ASSERT_EQUAL(count_right(n), n);
	CU_ASSERT_EQUAL(count_back(n), n);
}

// Sizes around the limits of the libraries' own batches, and of a single packet's loop.
static void every_batch(void)
{
	static const unsigned sizes[] = {1,  2,  3,  7,   8,   9,   11,  12,  13,  15,  16,  17,  31,
					 63, 64, 65, 127, 128, 129, 255, 256, 257, 383, 384, 511, 512};

	for (unsigned a = 0; a < ALGORITHMS; a++) {
		open_batch(algorithms[a]);
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			batch_of(sizes[i], 1, true);
			batch_of(sizes[i], 1, false);
		}
		cipher_rig_close(&b.rig);
	}
}

static void many_keys(void)
{
	for (unsigned a = 0; a < ALGORITHMS; a++) {
		open_batch(algorithms[a]);
		for (unsigned keys = 2; keys <= KEYS; keys += 7) {
			batch_of(LANES, keys, false);
			batch_of(LANES - 1, keys, true);
		}
		cipher_rig_close(&b.rig);
	}
}

// dst ends at a page nobody may touch, and so does src plus what may be read of it.
static void beside_a_guard_page(void)
{
	uint8_t *src = guarded(PADDED_BYTES), *end = guarded(TS_PAYLOAD_MAX_BYTES) + TS_PAYLOAD_MAX_BYTES;
	uint8_t want[TS_PAYLOAD_MAX_BYTES];

	random_fill(src, PADDED_BYTES);
	for (unsigned a = 0; a < ALGORITHMS; a++) {
		open_batch(algorithms[a]);
		for (unsigned n = 0; n <= TS_PAYLOAD_MAX_BYTES; n++) {
			struct dp_lane lane = {.src = src, .dst = end - n, .key = b.key[0], .n = (uint8_t)n};

			memcpy(want, src, n);
			witness(b.algorithm, want, n, b.cw[0]);
			dp_cipher_scramble(b.rig.ops, b.rig.scratch, &lane, 1);
			CU_ASSERT_TRUE(lane.done && memcmp(lane.dst, want, n) == 0);
		}
		cipher_rig_close(&b.rig);
	}
}

// A full batch of full payloads whose lanes all end at guard pages.
static void batch_beside_guard_pages(void)
{
	enum { FEW = 24 };
	uint8_t *src[FEW], *dst[FEW];

	for (unsigned i = 0; i < FEW; i++) {
		src[i] = guarded(PADDED_BYTES);
		dst[i] = guarded(TS_PAYLOAD_MAX_BYTES);
		random_fill(src[i], PADDED_BYTES);
	}
	for (unsigned a = 0; a < ALGORITHMS; a++) {
		open_batch(algorithms[a]);
		for (unsigned i = 0; i < FEW; i++) {
			memcpy(b.want[i], src[i], TS_PAYLOAD_MAX_BYTES);
			witness(b.algorithm, b.want[i], TS_PAYLOAD_MAX_BYTES, b.cw[0]);
			b.lane[i] = (struct dp_lane){.src = src[i],
						     .dst = dst[i],
						     .key = b.key[0],
						     .n = TS_PAYLOAD_MAX_BYTES};
		}
		dp_cipher_scramble(b.rig.ops, b.rig.scratch, b.lane, FEW);
		for (unsigned i = 0; i < FEW; i++)
			CU_ASSERT_TRUE(b.lane[i].done && memcmp(dst[i], b.want[i], TS_PAYLOAD_MAX_BYTES) == 0);
		cipher_rig_close(&b.rig);
	}
}

static void covers(void)
{
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CSA2, 7), 0);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CSA2, 8), 8);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CSA2, 13), 13);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CISSA, 15), 0);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CISSA, 16), 16);
	CU_ASSERT_EQUAL(dp_algorithm_covers(DP_CISSA, 184), 176);
	CU_ASSERT_EQUAL(dp_algorithm[DP_CSA1].scrambling_mode, 0x01);
	CU_ASSERT_EQUAL(dp_algorithm[DP_CSA2].scrambling_mode, 0x02);
	CU_ASSERT_EQUAL(dp_algorithm[DP_CISSA].scrambling_mode, 0x10);
}

static const struct unit_test tests[] = {
	{"every length", every_length},
	{"every length alone", every_length_alone},
	{"every batch", every_batch},
	{"many keys", many_keys},
	{"beside a guard page", beside_a_guard_page},
	{"batch beside guard pages", batch_beside_guard_pages},
	{"covers", covers},
};

UNIT_MAIN("cipher", tests)
