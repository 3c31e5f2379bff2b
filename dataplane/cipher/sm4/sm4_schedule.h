// SPDX-License-Identifier: GPL-3.0-or-later
// The key schedule of SM4 from whatever computes the S-box of a word's four bytes.
//
// Refs: GB/T 32907-2016 clause 7.3.
// Threads: any.
#pragma once

#include <stddef.h>

#include <base_secret.h>

#include "cipher/sm4/sm4_key.h"
#include "cipher/sm4/sm4_tables.h"

// Bytes are in the order of the standard: the first is the most significant.
static inline uint32_t sm4_loaded(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline uint32_t sm4_rotated(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static inline void sm4_schedule(struct dp_sm4_key *out, const uint8_t *cw, uint32_t (*tau)(uint32_t))
{
	uint32_t k[DP_SM4_ROUNDS + 4];

	for (unsigned i = 0; i < 4; i++)
		k[i] = sm4_loaded(cw + (size_t)4 * i) ^ dp_sm4_fk[i];
	for (unsigned i = 0; i < DP_SM4_ROUNDS; i++) {
		uint32_t b = tau(k[i + 1] ^ k[i + 2] ^ k[i + 3] ^ dp_sm4_ck[i]);

		k[i + 4] = k[i] ^ b ^ sm4_rotated(b, 13) ^ sm4_rotated(b, 23);
		out->round[i] = k[i + 4];
	}
	base_secret_scrub(k, sizeof(k));
}
