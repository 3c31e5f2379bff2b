// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CSA on any processor, 128 lanes at a time: the block cipher byte-sliced (csa_rows.h), the stream cipher
// bit-sliced (csa_stream.h).
//
// Between the two, a block of a lane is a word, its byte 0 the most significant. Lane l is half l % 2 of pair l / 2, so
// that few lanes are in few pairs.
#include <endian.h>
#include <stddef.h>
#include <string.h>

#include <base_secret.h>

#include "cipher/cipher.h"
#include "cipher/csa/csa_pair.h"
#include "cipher/csa/csa_rows.h"

typedef csa_pair csa_word;
#include "cipher/csa/csa_stream.h"

enum { LANES = CSA_ROW_LANES, PAIRS = LANES / 2, BLOCK = 8, BLOCKS = 24 };

typedef int64_t count_pair __attribute__((vector_size(16)));

struct scratch {
	csa_pair text[BLOCKS][PAIRS]; // the last may be part of a block
	count_pair blocks[PAIRS];     // whole ones
	unsigned most, parts;         // of any lane: whole blocks; whole and partial ones
	csa_pair cw[PAIRS];           // planes
	struct csa_rows rows;
	struct csa_stream stream;
};

static uint64_t load(const uint8_t *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	return be64toh(word);
}

static void store(uint8_t *to, uint64_t word, unsigned n)
{
	word = htobe64(word);
	memcpy(to, &word, n);
}

static void take_keys(struct scratch *s, const struct dp_lane *lanes, unsigned n)
{
	csa_pair part[PAIRS] = {0};

	for (unsigned at = 0; at < offsetof(struct dp_csa_key, cw); at += BLOCK) {
		for (unsigned l = 0; l < n; l++)
			part[l / 2][l % 2] = load((const uint8_t *)lanes[l].key + at);
		csa_rows_slice(s->rows.key + at, part, CSA_ROW_PAIRS);
	}
	for (unsigned l = 0; l < n; l++)
		s->cw[l / 2][l % 2] = load(((const struct dp_csa_key *)lanes[l].key)->cw);
	csa_pair_transpose_bits(s->cw);
}

static void take(struct scratch *s, const struct dp_lane *lanes, unsigned n)
{
	memset(s->blocks, 0, sizeof(s->blocks));
	s->most = s->parts = 0;
	for (unsigned l = 0; l < n; l++) {
		unsigned blocks = lanes[l].n / BLOCK, parts = (lanes[l].n + BLOCK - 1u) / BLOCK;

		for (unsigned b = 0; b < parts; b++)
			s->text[b][l / 2][l % 2] = load(lanes[l].src + BLOCK * b);
		s->blocks[l / 2][l % 2] = blocks;
		s->most = blocks > s->most ? blocks : s->most;
		s->parts = parts > s->parts ? parts : s->parts;
	}
	take_keys(s, lanes, n);
}

static void give(const struct scratch *s, struct dp_lane *lanes, unsigned n)
{
	for (unsigned l = 0; l < n; l++) {
		unsigned blocks = lanes[l].n / BLOCK, rest = lanes[l].n % BLOCK;

		for (unsigned b = 0; b < blocks; b++)
			store(lanes[l].dst + BLOCK * b, s->text[b][l / 2][l % 2], BLOCK);
		if (rest)
			store(lanes[l].dst + BLOCK * blocks, s->text[blocks][l / 2][l % 2], rest);
		lanes[l].done = true;
	}
}

// All ones in the lanes that have a whole block b.
static csa_pair has(const struct scratch *s, unsigned i, unsigned b)
{
	return (csa_pair)(s->blocks[i] > b);
}

// Block b + 1, or zeros after the last one.
static csa_pair next(const struct scratch *s, unsigned i, unsigned b)
{
	return s->text[b + 1][i] & has(s, i, b + 1);
}

static void replace(struct scratch *s, unsigned i, unsigned b, csa_pair made)
{
	s->text[b][i] ^= (s->text[b][i] ^ made) & has(s, i, b);
}

CSA_INLINE void encrypt_rows(struct scratch *s, unsigned pairs)
{
	csa_row rows[BLOCK];
	csa_pair block[PAIRS];

	for (unsigned b = s->most; b-- > 0;) {
		for (unsigned i = 0; i < 8 * pairs; i++)
			block[i] = s->text[b][i] ^ next(s, i, b);
		csa_rows_slice(rows, block, pairs);
		csa_rows_encrypt(&s->rows, rows, pairs);
		csa_rows_unslice(block, rows, pairs);
		for (unsigned i = 0; i < 8 * pairs; i++)
			replace(s, i, b, block[i]);
	}
}

CSA_INLINE void decrypt_rows(struct scratch *s, unsigned pairs)
{
	csa_row rows[BLOCK];
	csa_pair block[PAIRS];

	for (unsigned b = 0; b < s->most; b++) {
		csa_rows_slice(rows, s->text[b], pairs);
		csa_rows_decrypt(&s->rows, rows, pairs);
		csa_rows_unslice(block, rows, pairs);
		for (unsigned i = 0; i < 8 * pairs; i++)
			replace(s, i, b, block[i] ^ next(s, i, b));
	}
}

// The compiler makes loops of constant length: for a quarter, a half and all of the lanes.
static void encrypt(struct scratch *s, unsigned n)
{
	if (n <= LANES / 4)
		encrypt_rows(s, CSA_ROW_PAIRS / 4);
	else if (n <= LANES / 2)
		encrypt_rows(s, CSA_ROW_PAIRS / 2);
	else
		encrypt_rows(s, CSA_ROW_PAIRS);
}

static void decrypt(struct scratch *s, unsigned n)
{
	if (n <= LANES / 4)
		decrypt_rows(s, CSA_ROW_PAIRS / 4);
	else if (n <= LANES / 2)
		decrypt_rows(s, CSA_ROW_PAIRS / 2);
	else
		decrypt_rows(s, CSA_ROW_PAIRS);
}

// A lane below 8 bytes is not changed: it has no second part.
static void stream(struct scratch *s)
{
	csa_pair planes[PAIRS];

	if (s->parts < 2)
		return;
	memcpy(planes, s->text[0], sizeof(planes));
	csa_pair_transpose_bits(planes);
	csa_stream_start(&s->stream, s->cw, planes);
	for (unsigned b = 1; b < s->parts; b++) {
		memcpy(planes, csa_stream_next(&s->stream), sizeof(planes));
		csa_pair_transpose_bits(planes);
		for (unsigned i = 0; i < PAIRS; i++)
			s->text[b][i] ^= planes[i];
	}
}

static void scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	struct scratch *s = scratch;

	for (unsigned at = 0; at < n; at += LANES) {
		unsigned some = n - at < LANES ? n - at : LANES;

		take(s, lanes + at, some);
		encrypt(s, some);
		stream(s);
		give(s, lanes + at, some);
	}
	base_secret_scrub(s, sizeof(*s));
}

static void descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	struct scratch *s = scratch;

	for (unsigned at = 0; at < n; at += LANES) {
		unsigned some = n - at < LANES ? n - at : LANES;

		take(s, lanes + at, some);
		stream(s);
		decrypt(s, some);
		give(s, lanes + at, some);
	}
	base_secret_scrub(s, sizeof(*s));
}

static int init(void *scratch)
{
	(void)scratch;
	return 0;
}

static void fini(void *scratch)
{
	base_secret_scrub(scratch, sizeof(struct scratch));
}

#define PORTABLE_OPS(which, set)                                                                               \
	{                                                                                                      \
		.algorithm = (which), .name = "bulkhead", .isa = "portable", .lanes = LANES,                   \
		.key_bytes = sizeof(struct dp_csa_key), .scratch_bytes = sizeof(struct scratch), .init = init, \
		.fini = fini, .set_key = (set), .scramble = scramble, .descramble = descramble,                \
	}

const struct dp_cipher_ops dp_csa_portable[2] = {
	PORTABLE_OPS(DP_CSA1, dp_csa1_set_key),
	PORTABLE_OPS(DP_CSA2, dp_csa2_set_key),
};
