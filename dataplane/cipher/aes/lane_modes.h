// SPDX-License-Identifier: GPL-3.0-or-later
// What a mode of operation does to a lane, for block ciphers of 16 bytes that take several lanes abreast.
//
// A block cipher gives a struct lane_cipher; lane_scramble and lane_descramble cut the batch into groups of its width
// and walk each group block by block, all lanes together. A lane that has ended goes along and is not stored, so that
// a group takes as many calls of the cipher as its longest lane has blocks.
//
// Where `dst` is `src`, a block is read before it is written: descrambling therefore walks from the last block to the
// first, since block i needs the ciphertext of block i - 1.
//
// Refs: NIST SP 800-38A (ECB, CBC); ATIS-0800006 (the residue of IDSA).
// Threads: any. Owns: `block` and scratch are the caller's.
#pragma once

#include <string.h>

#include "cipher/cipher.h"

enum { LANE_BLOCK_BYTES = 16 };

struct lane_mode {
	uint8_t iv[LANE_BLOCK_BYTES];
	bool chained; // CBC, else every block by itself
	bool whole;   // the residue is XORed with the encrypted last ciphertext block (or IV), else it stays clear
};

static const struct lane_mode lane_mode_cissa = {.iv = "DVBTMCPTAESCISSA", .chained = true};
static const struct lane_mode lane_mode_idsa = {.chained = true, .whole = true};
static const struct lane_mode lane_mode_cbc = {.chained = true};
static const struct lane_mode lane_mode_ecb = {.chained = false};

// Blocks side by side, one of each lane of a group.
typedef uint8_t lane_block[LANE_BLOCK_BYTES];

enum { LANE_WIDTH_MAX = 64 };

struct lane_cipher {
	unsigned width; // lanes of a group, at most LANE_WIDTH_MAX
	// Prepares the keys of a group: `width` key records. Lanes that are missing repeat the first one's.
	void (*keys)(void *scratch, const void *const *key);
	// Encrypts and decrypts `width` blocks in place, each with the key of its lane.
	void (*encrypt)(void *scratch, lane_block *block);
	void (*decrypt)(void *scratch, lane_block *block);
};

static inline unsigned lane_blocks(const struct dp_lane *lane)
{
	return lane->n / LANE_BLOCK_BYTES;
}

static inline unsigned lane_residue(const struct dp_lane *lane)
{
	return lane->n % LANE_BLOCK_BYTES;
}

// Encryptions that a payload of `bytes` takes.
static inline unsigned lane_mode_steps(const struct lane_mode *mode, unsigned bytes)
{
	return (bytes + (mode->whole ? LANE_BLOCK_BYTES - 1u : 0)) / LANE_BLOCK_BYTES;
}

// Bytes of the longest of `n` lanes.
static inline unsigned lane_longest(const struct dp_lane *lanes, unsigned n)
{
	unsigned longest = 0;

	for (unsigned i = 0; i < n; i++)
		longest = lanes[i].n > longest ? lanes[i].n : longest;
	return longest;
}

static inline void lane_xor(uint8_t *to, const uint8_t *a, const uint8_t *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = a[i] ^ b[i];
}

// Block `step` of a lane on its way into the cipher: `block` holds the last ciphertext block, or the IV.
static inline void lane_enter(const struct lane_mode *mode, const struct dp_lane *lane, unsigned step, uint8_t *block)
{
	const uint8_t *text = lane->src + (size_t)step * LANE_BLOCK_BYTES;

	if (step >= lane_blocks(lane))
		return;
	if (mode->chained)
		lane_xor(block, block, text, LANE_BLOCK_BYTES);
	else
		memcpy(block, text, LANE_BLOCK_BYTES);
}

// ... and on its way out of it.
static inline void lane_leave(const struct lane_mode *mode, const struct dp_lane *lane, unsigned step,
			      const uint8_t *block)
{
	size_t at = (size_t)step * LANE_BLOCK_BYTES;

	if (step < lane_blocks(lane))
		memcpy(lane->dst + at, block, LANE_BLOCK_BYTES);
	else if (mode->whole && step == lane_blocks(lane))
		lane_xor(lane->dst + at, lane->src + at, block, lane_residue(lane));
}

static inline void lane_finish(const struct lane_mode *mode, struct dp_lane *lane)
{
	unsigned at = lane->n - lane_residue(lane);

	if (!mode->whole && lane->dst != lane->src)
		memcpy(lane->dst + at, lane->src + at, lane_residue(lane));
	lane->done = true;
}

static inline void lane_group_scramble(const struct lane_mode *mode, const struct lane_cipher *cipher, void *scratch,
				       lane_block *block, const struct dp_lane *lanes, unsigned n)
{
	unsigned steps = lane_mode_steps(mode, lane_longest(lanes, n));

	for (unsigned i = 0; i < n; i++)
		memcpy(block[i], mode->iv, LANE_BLOCK_BYTES);
	for (unsigned step = 0; step < steps; step++) {
		for (unsigned i = 0; i < n; i++)
			lane_enter(mode, &lanes[i], step, block[i]);
		cipher->encrypt(scratch, block);
		for (unsigned i = 0; i < n; i++)
			lane_leave(mode, &lanes[i], step, block[i]);
	}
}

// What ciphertext block `step` is chained to.
static inline const uint8_t *lane_before(const struct lane_mode *mode, const struct dp_lane *lane, unsigned step)
{
	return step ? lane->src + (size_t)(step - 1) * LANE_BLOCK_BYTES : mode->iv;
}

static inline void lane_group_residues(const struct lane_mode *mode, const struct lane_cipher *cipher, void *scratch,
				       lane_block *block, const struct dp_lane *lanes, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		memcpy(block[i], lane_before(mode, &lanes[i], lane_blocks(&lanes[i])), LANE_BLOCK_BYTES);
	cipher->encrypt(scratch, block);
	for (unsigned i = 0; i < n; i++)
		lane_leave(mode, &lanes[i], lane_blocks(&lanes[i]), block[i]);
}

static inline void lane_group_descramble(const struct lane_mode *mode, const struct lane_cipher *cipher, void *scratch,
					 lane_block *block, const struct dp_lane *lanes, unsigned n)
{
	if (mode->whole)
		lane_group_residues(mode, cipher, scratch, block, lanes, n);
	for (unsigned step = lane_longest(lanes, n) / LANE_BLOCK_BYTES; step-- > 0;) {
		for (unsigned i = 0; i < n; i++)
			if (step < lane_blocks(&lanes[i]))
				memcpy(block[i], lanes[i].src + (size_t)step * LANE_BLOCK_BYTES, LANE_BLOCK_BYTES);
		cipher->decrypt(scratch, block);
		for (unsigned i = 0; i < n; i++) {
			if (step >= lane_blocks(&lanes[i]))
				continue;
			if (mode->chained)
				lane_xor(block[i], block[i], lane_before(mode, &lanes[i], step), LANE_BLOCK_BYTES);
			memcpy(lanes[i].dst + (size_t)step * LANE_BLOCK_BYTES, block[i], LANE_BLOCK_BYTES);
		}
	}
}

static inline void lane_groups(const struct lane_mode *mode, const struct lane_cipher *cipher, void *scratch,
			       lane_block *block, struct dp_lane *lanes, unsigned n, bool scramble)
{
	const void *key[LANE_WIDTH_MAX];

	for (unsigned at = 0; at < n; at += cipher->width) {
		unsigned count = n - at < cipher->width ? n - at : cipher->width;

		for (unsigned i = 0; i < cipher->width; i++)
			key[i] = lanes[i < count ? at + i : at].key;
		cipher->keys(scratch, key);
		(scramble ? lane_group_scramble : lane_group_descramble)(mode, cipher, scratch, block, lanes + at,
									 count);
		for (unsigned i = 0; i < count; i++)
			lane_finish(mode, &lanes[at + i]);
	}
}

// Scrambles `n` lanes, whatever the cipher's width. `block` has room for `width` blocks and is left with ciphertext;
// keys stay in scratch: the caller wipes them.
static inline void lane_scramble(const struct lane_mode *mode, const struct lane_cipher *cipher, void *scratch,
				 lane_block *block, struct dp_lane *lanes, unsigned n)
{
	lane_groups(mode, cipher, scratch, block, lanes, n, true);
}

static inline void lane_descramble(const struct lane_mode *mode, const struct lane_cipher *cipher, void *scratch,
				   lane_block *block, struct dp_lane *lanes, unsigned n)
{
	lane_groups(mode, cipher, scratch, block, lanes, n, false);
}
