// SPDX-License-Identifier: GPL-3.0-or-later
// What a call leaves in the scratch: nothing of a key, in none of the shapes in which kernels hold keys.
//
// All lanes of a full batch have one key. Then its bytes show in the scratch one after the other (a copy), with the
// same distance between them (a transposed record: a row of lanes for each byte), or as rows of zeros and ones (the
// planes of a bit-sliced kernel: a row of lanes for each bit).
#include <base_check.h>

#include "tests.h"

enum { WINDOW_BYTES = 8, WINDOW_BITS = 32, RECORD_MAX_BYTES = 1024 };

// What is looked for.
struct key {
	const char *what;
	const uint8_t *bytes;
	size_t n;
	uint8_t pairs[65536 / 8]; // which two bytes stand side by side in it
};

static void know(struct key *key, const char *what, const uint8_t *bytes, size_t n)
{
	*key = (struct key){.what = what, .bytes = bytes, .n = n};
	for (size_t i = 0; i + 1 < n; i++) {
		unsigned pair = (unsigned)bytes[i] << 8 | bytes[i + 1];

		key->pairs[pair / 8] |= (uint8_t)(1 << pair % 8);
	}
}

static bool has_pair(const struct key *key, uint8_t a, uint8_t b)
{
	unsigned pair = (unsigned)a << 8 | b;

	return key->pairs[pair / 8] >> pair % 8 & 1;
}

// Bytes of little variety (padding, an expanded constant) tell nothing.
static bool tells(const uint8_t *bytes)
{
	unsigned differ = 0;

	for (unsigned i = 0; i + 1 < WINDOW_BYTES; i++)
		differ += bytes[i] != bytes[i + 1];
	return differ >= WINDOW_BYTES - 3;
}

static bool window_at(const struct key *key, const uint8_t *at, size_t stride)
{
	for (size_t j = 0; j + WINDOW_BYTES <= key->n; j++) {
		unsigned same = 0;

		while (same < WINDOW_BYTES && at[same * stride] == key->bytes[j + same])
			same++;
		if (same == WINDOW_BYTES && tells(key->bytes + j))
			return true;
	}
	return false;
}

static bool find_bytes(const struct key *key, const uint8_t *scratch, size_t n, size_t stride, size_t *where)
{
	for (size_t at = 0; at + (WINDOW_BYTES - 1) * stride < n; at++) {
		if (!has_pair(key, scratch[at], scratch[at + stride]) || !window_at(key, scratch + at, stride))
			continue;
		*where = at;
		return true;
	}
	return false;
}

// The bit that a row stands for, or -1 where it is not all the same.
static int row_bit(const uint8_t *row, size_t width)
{
	if (row[0] != 0x00 && row[0] != 0xFF)
		return -1;
	return memcmp(row, row + 1, width - 1) == 0 ? row[0] & 1 : -1;
}

// WINDOW_BITS bits of the key, from byte `j` on, with the lowest or the highest of each byte first.
static uint32_t key_bits(const struct key *key, size_t j, bool lowest_first)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < WINDOW_BITS; i++) {
		unsigned bit = lowest_first ? i % 8 : 7 - i % 8;

		bits = bits << 1 | (key->bytes[j + i / 8] >> bit & 1);
	}
	return bits;
}

static bool is_key(const struct key *key, uint32_t bits)
{
	for (size_t j = 0; j + WINDOW_BITS / 8 <= key->n; j++)
		for (unsigned lowest_first = 0; lowest_first < 2; lowest_first++) {
			uint32_t wanted = key_bits(key, j, lowest_first);

			if (wanted == bits && wanted != 0 && wanted != UINT32_MAX)
				return true;
		}
	return false;
}

static bool find_planes(const struct key *key, const uint8_t *scratch, size_t n, size_t width, size_t *where)
{
	uint32_t bits = 0;
	unsigned known = 0;

	for (size_t at = 0; at + width <= n; at += width) {
		int bit = row_bit(scratch + at, width);

		known = bit < 0 ? 0 : known + 1;
		bits = bits << 1 | (bit > 0);
		// A long stretch of zeros is memory that nobody used.
		if (known < WINDOW_BITS || bits == 0 || !is_key(key, bits))
			continue;
		*where = at - (WINDOW_BITS - 1) * width;
		return true;
	}
	return false;
}

static void search(struct trial *trial, struct kernel *kernel, const struct key *key, const char *direction)
{
	static const size_t strides[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 320, 512}, widths[] = {8, 16, 32, 64};
	size_t n = kernel->ops->scratch_bytes, where;

	for (size_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++)
		if (find_bytes(key, kernel->scratch, n, strides[i], &where))
			trial_fail(trial, kernel, "%s left %s in the scratch: its bytes %zu apart from %zu on",
				   direction, key->what, strides[i], where);
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (find_planes(key, kernel->scratch, n, widths[i], &where))
			trial_fail(trial, kernel,
				   "%s left %s in the scratch: its bits as rows of %zu bytes from %zu on", direction,
				   key->what, widths[i], where);
}

static void run_and_search(struct trial *trial, struct rng *rng)
{
	struct batch *batch = &trial->batch;
	struct kernel *kernel = batch->kernel;
	const struct dp_cipher_ops *ops = kernel->ops;
	static struct key cw, record;

	CHECK(ops->key_bytes <= RECORD_MAX_BYTES);
	know(&cw, "the CW", trial->packets.cw[0], dp_algorithm[trial->algorithm].cw_bytes);
	know(&record, "the key record", kernel_key(kernel, 0), ops->key_bytes);
	for (unsigned p = 0; p < ops->lanes; p++)
		trial_lay(trial, rng, p);
	batch_run(batch, ops->lanes);
	search(trial, kernel, &cw, direction_name[batch->direction]);
	search(trial, kernel, &record, direction_name[batch->direction]);
}

void test_traces(struct trial *trial)
{
	do {
		trial_draw(trial, PACKETS_MAX, 1, DP_CIPHER_BYTES_MAX);
	} while (!tells(trial->packets.cw[0]));
	trial_each(trial, run_and_search);
}
