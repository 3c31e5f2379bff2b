// SPDX-License-Identifier: GPL-3.0-or-later
// SM4-CBC, plain C to be read beside the standard. The S-box is a table that is looked up with secret indices: NOT
// constant time. Every other kernel is compared with this one.
//
// Refs: GB/T 32907-2016, clause numbers below; GB/T 17964 (CBC).
#include <base_secret.h>

#include "cipher/aes/lane_modes.h"
#include "cipher/cipher.h"
#include "cipher/sm4/sm4_schedule.h"

struct scratch {
	const struct dp_sm4_key *key;
	lane_block block;
};

static void store(uint8_t *bytes, uint32_t x)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(x >> (24 - 8 * i));
}

// 6.2: the S-box on each byte of a word.
static uint32_t tau(uint32_t a)
{
	return (uint32_t)dp_sm4_sbox[a >> 24] << 24 | (uint32_t)dp_sm4_sbox[a >> 16 & 0xff] << 16 |
	       (uint32_t)dp_sm4_sbox[a >> 8 & 0xff] << 8 | dp_sm4_sbox[a & 0xff];
}

// 6.2: T = L(tau).
static uint32_t transform(uint32_t a)
{
	uint32_t b = tau(a);

	return b ^ sm4_rotated(b, 2) ^ sm4_rotated(b, 10) ^ sm4_rotated(b, 18) ^ sm4_rotated(b, 24);
}

static void sm4_set_key(void *scratch, void *key, const uint8_t *cw)
{
	(void)scratch;
	sm4_schedule(key, cw, tau);
}

// 7.1 and, with the round keys from the last to the first, 7.2.
static void crypt(const struct dp_sm4_key *key, bool backwards, uint8_t *block)
{
	uint32_t x[DP_SM4_ROUNDS + 4];

	for (unsigned i = 0; i < 4; i++)
		x[i] = sm4_loaded(block + (size_t)4 * i);
	for (unsigned i = 0; i < DP_SM4_ROUNDS; i++) {
		uint32_t rk = key->round[backwards ? DP_SM4_ROUNDS - 1 - i : i];

		x[i + 4] = x[i] ^ transform(x[i + 1] ^ x[i + 2] ^ x[i + 3] ^ rk);
	}
	for (unsigned i = 0; i < 4; i++)
		store(block + (size_t)4 * i, x[DP_SM4_ROUNDS + 3 - i]);
}

static void lane_keys(void *scratch, const void *const *key)
{
	struct scratch *s = scratch;

	s->key = key[0];
}

static void lane_encrypt(void *scratch, lane_block *block)
{
	crypt(((struct scratch *)scratch)->key, false, *block);
}

static void lane_decrypt(void *scratch, lane_block *block)
{
	crypt(((struct scratch *)scratch)->key, true, *block);
}

static const struct lane_cipher cipher = {
	.width = 1,
	.keys = lane_keys,
	.encrypt = lane_encrypt,
	.decrypt = lane_decrypt,
};

static void sm4_scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	struct scratch *s = scratch;

	lane_scramble(&lane_mode_cbc, &cipher, s, &s->block, lanes, n);
}

static void sm4_descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	struct scratch *s = scratch;

	lane_descramble(&lane_mode_cbc, &cipher, s, &s->block, lanes, n);
	base_secret_scrub(s->block, sizeof(s->block));
}

#include "cipher/sm4/sm4_ops.h"

const struct dp_cipher_ops dp_sm4_reference[1] = {SM4_OPS("reference", "portable", 0, 1)};
