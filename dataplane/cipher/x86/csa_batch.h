// SPDX-License-Identifier: GPL-3.0-or-later
// A batch of DVB-CSA lanes on byte slices and bit planes: the order of the work, whatever the ISA.
//
// Eight groups of lanes, a vector register of bytes each, are a batch: its byte slices' rows of eight words are one bit
// plane each. Scrambling runs the block cipher from the last block to the first, in steps of four groups, as many as
// there are lanes for; the stream cipher, which cannot be had for less than a batch, starts from the first results. A
// lane's length is how many blocks of it take part; bytes that no block covers get the stream alone (the first eight
// never do, so a payload below eight bytes stays as it is), and bytes behind a payload's end are not stored.
//
// Before including this a kernel includes the headers of its ISA: csa_word, csa_block_sbox.. (csa_block.h),
// csa_slices_of_rows, csa_packets_of_slices and struct csa_pieces.
//
// Threads: one scratch per worker. Owns: the scratch. No branch and no address depends on secrets.
#pragma once

#include <string.h>

#include <base_secret.h>

#include "cipher/cipher.h"
#include "cipher/csa/csa_stream.h"
#include "cipher/x86/csa_block.h"
#include "cipher/x86/csa_planes.h"

enum {
	CSA_LANES = CSA_GROUPS * CSA_GROUP,
	CSA_CW_BYTES = 8,
};

// A vector's bytes as numbers.
typedef int8_t csa_counts __attribute__((vector_size(CSA_GROUP)));

struct csa_batch {
	struct csa_slice slices[CSA_ROWS_MAX];
	csa_counts blocks[CSA_GROUPS]; // of each lane
	unsigned longest;              // payload of a lane, in bytes
	struct csa_tables tables;
	struct csa_pieces pieces;
	const uint8_t *from[CSA_GROUP]; // a group's packets or key records
	// What is made of keys; wiped after every call.
	struct csa_keys {
		struct csa_row line[CSA_LINE_BYTES]; // of the groups of a step
		struct csa_slice cw[CSA_CW_BYTES];
		csa_word cw_planes[CSA_BLOCK_PLANES], start[CSA_BLOCK_PLANES];
		struct csa_stream stream;
	} keys;
};

// Lanes beyond n are the first once more: read, never stored.
static inline const struct dp_lane *csa_lane(const struct dp_lane *lanes, unsigned n, unsigned i)
{
	return lanes + (i < n ? i : 0);
}

static inline void csa_load_packets(struct csa_batch *b, const struct dp_lane *lanes, unsigned n, unsigned group)
{
	int8_t *blocks = (int8_t *)&b->blocks[group];

	for (unsigned i = 0; i < CSA_GROUP; i++) {
		const struct dp_lane *lane = csa_lane(lanes, n, group * CSA_GROUP + i);

		b->from[i] = lane->src;
		blocks[i] = (int8_t)(lane->n / CSA_BLOCK_BYTES);
		b->longest = lane->n > b->longest ? lane->n : b->longest;
	}
	for (unsigned at = 0; at < CSA_ROWS_MAX; at += CSA_ROW)
		csa_slices_of_rows((uint8_t *)&b->slices[at].of[group], sizeof(b->slices[0]), b->from, at,
				   b->pieces.row);
}

// A line of the key records of a group, from `at` on, to the group's place in a step.
static inline void csa_load_line(struct csa_batch *b, const struct dp_lane *lanes, unsigned n, unsigned group,
				 size_t at)
{
	for (unsigned i = 0; i < CSA_GROUP; i++)
		b->from[i] = csa_lane(lanes, n, group * CSA_GROUP + i)->key;
	csa_slices_of_rows((uint8_t *)&b->keys.line[0].of[group % CSA_STEP], sizeof(b->keys.line[0]), b->from, at,
			   b->pieces.row);
}

static inline csa_word csa_has_block(const struct csa_batch *b, unsigned group, unsigned block)
{
	return (csa_word)(b->blocks[group] > (int8_t)block);
}

// The chain of the groups first..first + groups - 1.
typedef void csa_chain_fn(struct csa_batch *b, unsigned first, unsigned groups);

CSA_INLINE void csa_encrypt_chain(struct csa_batch *b, unsigned first, unsigned groups)
{
	struct csa_row chain[CSA_BLOCK_BYTES] = {0};

	for (unsigned block = b->longest / CSA_BLOCK_BYTES; block-- > 0;) {
		struct csa_slice *w = b->slices + block * CSA_BLOCK_BYTES;

		for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
			for (unsigned g = 0; g < groups; g++)
				chain[j].of[g] ^= w[j].of[first + g];
		csa_block_encrypt(&b->tables, b->keys.line, chain, groups);
		for (unsigned g = 0; g < groups; g++) {
			csa_word has = csa_has_block(b, first + g, block);

			for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++) {
				chain[j].of[g] &= has;
				w[j].of[first + g] = CSA_CHOOSE(has, chain[j].of[g], w[j].of[first + g]);
			}
		}
	}
}

CSA_INLINE void csa_decrypt_chain(struct csa_batch *b, unsigned first, unsigned groups)
{
	for (unsigned block = 0; block < b->longest / CSA_BLOCK_BYTES; block++) {
		struct csa_slice *w = b->slices + block * CSA_BLOCK_BYTES, *next = w + CSA_BLOCK_BYTES;
		struct csa_row clear[CSA_BLOCK_BYTES];

		for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
			memcpy(clear[j].of, &w[j].of[first], groups * sizeof(csa_word));
		csa_block_decrypt(&b->tables, b->keys.line, clear, groups);
		for (unsigned g = 0; g < groups; g++) {
			csa_word has = csa_has_block(b, first + g, block);
			csa_word chained = csa_has_block(b, first + g, block + 1);

			for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
				w[j].of[first + g] = CSA_CHOOSE(has, clear[j].of[g] ^ (next[j].of[first + g] & chained),
								w[j].of[first + g]);
		}
	}
}

// Runs a chain with the number of groups as a constant.
CSA_INLINE void csa_run_step(struct csa_batch *b, unsigned first, unsigned groups, csa_chain_fn *chain)
{
	switch (groups) {
	case 1:
		chain(b, first, 1);
		break;
	case 2:
		chain(b, first, 2);
		break;
	case 3:
		chain(b, first, 3);
		break;
	default:
		chain(b, first, CSA_STEP);
	}
}

// Runs one direction's chain over all groups that have lanes. `at` is where its line is in a key record.
CSA_INLINE void csa_run_blocks(struct csa_batch *b, const struct dp_lane *lanes, unsigned n, size_t at,
			       csa_chain_fn *chain)
{
	unsigned used = (n + CSA_GROUP - 1) / CSA_GROUP;

	for (unsigned first = 0; first < used; first += CSA_STEP) {
		unsigned groups = used - first < CSA_STEP ? used - first : CSA_STEP;

		for (unsigned g = 0; g < groups; g++)
			csa_load_line(b, lanes, n, first + g, at);
		csa_run_step(b, first, groups, chain);
	}
}

// XORs the stream to all bytes but the first block, which starts it.
static inline void csa_run_stream(struct csa_batch *b, const struct dp_lane *lanes, unsigned n)
{
	struct csa_keys *keys = &b->keys;

	for (unsigned g = 0; g * CSA_GROUP < n; g++) {
		csa_load_line(b, lanes, n, g, offsetof(struct dp_csa_key, cw));
		for (unsigned j = 0; j < CSA_CW_BYTES; j++)
			keys->cw[j].of[g] = keys->line[j].of[g % CSA_STEP];
	}
	csa_planes_of_slices(keys->cw_planes, keys->cw);
	csa_planes_of_slices(keys->start, b->slices);
	csa_stream_start(&keys->stream, keys->cw_planes, keys->start);
	for (unsigned block = 1; block * CSA_BLOCK_BYTES < b->longest; block++)
		csa_slices_xor_planes(b->slices + block * CSA_BLOCK_BYTES, csa_stream_next(&keys->stream));
}

static inline void csa_batch_load(struct csa_batch *b, const struct dp_lane *lanes, unsigned n)
{
	csa_tables_make(&b->tables);
	b->longest = 0;
	for (unsigned g = 0; g * CSA_GROUP < n; g++)
		csa_load_packets(b, lanes, n, g);
}

static inline void csa_batch_store(struct csa_batch *b, struct dp_lane *lanes, unsigned n)
{
	for (unsigned g = 0; g * CSA_GROUP < n; g++) {
		unsigned left = n - g * CSA_GROUP;

		csa_packets_of_slices(lanes + g * CSA_GROUP, left < CSA_GROUP ? left : CSA_GROUP,
				      (const uint8_t *)&b->slices[0].of[g], sizeof(b->slices[0]), b->pieces.row);
	}
}

static inline void csa_scramble_batch(struct csa_batch *b, struct dp_lane *lanes, unsigned n)
{
	csa_batch_load(b, lanes, n);
	csa_run_blocks(b, lanes, n, 0, csa_encrypt_chain);
	csa_run_stream(b, lanes, n);
	csa_batch_store(b, lanes, n);
}

static inline void csa_descramble_batch(struct csa_batch *b, struct dp_lane *lanes, unsigned n)
{
	csa_batch_load(b, lanes, n);
	csa_run_stream(b, lanes, n);
	csa_run_blocks(b, lanes, n, offsetof(struct dp_csa_key, cw), csa_decrypt_chain);
	csa_batch_store(b, lanes, n);
}

static inline void csa_run(struct csa_batch *b, struct dp_lane *lanes, unsigned n,
			   void (*batch)(struct csa_batch *b, struct dp_lane *lanes, unsigned n))
{
	for (unsigned at = 0; at < n; at += CSA_LANES)
		batch(b, lanes + at, n - at < CSA_LANES ? n - at : CSA_LANES);
	base_secret_scrub(&b->keys, sizeof(b->keys));
}

static void csa_scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	csa_run(scratch, lanes, n, csa_scramble_batch);
}

static void csa_descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	csa_run(scratch, lanes, n, csa_descramble_batch);
}

static int csa_init(void *scratch)
{
	(void)scratch;
	return 0;
}

static void csa_fini(void *scratch)
{
	base_secret_scrub(scratch, sizeof(struct csa_batch));
}

#define CSA_BATCH_OPS(which, isa_name, features, set)                                                                 \
	{                                                                                                             \
		.algorithm = (which), .name = "bulkhead", .isa = (isa_name), .needs = (features), .lanes = CSA_LANES, \
		.key_bytes = sizeof(struct dp_csa_key), .scratch_bytes = sizeof(struct csa_batch), .init = csa_init,  \
		.fini = csa_fini, .set_key = (set), .scramble = csa_scramble, .descramble = csa_descramble,           \
	}
