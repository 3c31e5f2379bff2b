// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels of AES-128 with AES instructions, written once for vectors of one, two or four blocks. The including file
// has these, before it includes this one:
//
//   vec, VEC_LANES                       a vector, and its blocks of 16 bytes
//   vec_zero, vec_load, vec_xor, vec_repeat(block)
//   vec_aesenc, vec_aesenclast, vec_aesdec, vec_aesdeclast
//   vec_of_lanes(pairs)                  VEC_LANES lengths, given as pairs of bytes, one to each block
//   vec_of_row(n)                        what is left of n bytes from each block of a row on
//   vec_choose(bytes, less, yes, no)     block by block: yes where such a number is above `less`
//   vec_shift_in(before, v)              v moved up by a block, with the last block of `before` below
//   vec_turn(to, from, n)                n blocks from each of VEC_LANES places, the same block of all in a vector
//   vec_spread(dst, n, text)             the other way, n bytes to each of VEC_LANES places
//   vec_store(dst, n, rows)              n bytes that stand in a row
//
// Threads: one scratch per worker. Owns: scratch.
#pragma once

#include <base_secret.h>

#include "cipher/aes/aes_ops.h"
#include "cipher/cipher.h"
#include "cipher/cpu.h"

static inline vec vec_broadcast(const uint8_t *block)
{
	return vec_repeat(_mm_loadu_si128((const __m128i *)block));
}

#include "cipher/x86/aes_chain.h"
#include "cipher/x86/aes_expand.h"
#include "cipher/x86/aes_rows.h"

static int init(void *scratch)
{
	(void)scratch;
	return 0;
}

static void fini(void *scratch)
{
	base_secret_scrub(scratch, sizeof(struct chunk));
}

static void set_key(void *scratch, void *key, const uint8_t *cw)
{
	(void)scratch;
	aes_expand(key, cw);
}

static void chain_and_wipe(void *scratch, const struct lane_mode *mode, struct dp_lane *lanes, unsigned n)
{
	struct chunk *c = scratch;

	chain(c, mode, lanes, n);
	base_secret_scrub(c->key, sizeof(c->key));
}

#define CHAINED(mode)                                                                   \
	static void mode##_scramble(void *scratch, struct dp_lane *lanes, unsigned n)   \
	{                                                                               \
		chain_and_wipe(scratch, &lane_mode_##mode, lanes, n);                   \
	}                                                                               \
	static void mode##_descramble(void *scratch, struct dp_lane *lanes, unsigned n) \
	{                                                                               \
		(void)scratch;                                                          \
		rows(&lane_mode_##mode, lanes, n, false);                               \
	}

CHAINED(cissa)
CHAINED(idsa)
CHAINED(cbc)

static void ecb_scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	(void)scratch;
	rows(&lane_mode_ecb, lanes, n, true);
}

static void ecb_descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	(void)scratch;
	rows(&lane_mode_ecb, lanes, n, false);
}

#define AES_FAMILY(isa_name, cpu) AES_MODES("bulkhead", isa_name, cpu, DP_CIPHER_LANES_MAX, sizeof(struct chunk))
