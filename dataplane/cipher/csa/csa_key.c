// SPDX-License-Identifier: GPL-3.0-or-later
// The key schedule: round keys, and the constants of the shifted block cipher.
//
// All 56 bytes at once, as seven words whose byte j (bits 8j..) is byte j of a group; such a word's bit i of the
// description stands at i ^ 7. Not constant time: the permutation is a table, looked up with secret nibbles.
#include "cipher/csa/csa_key.h"

#include <endian.h>
#include <stddef.h>
#include <string.h>

#include "cipher/csa/csa_tables.h"

enum { GROUPS = DP_CSA_ROUNDS / 8 };

// What the permutation makes of each nibble of a word: 2 KiB.
#define BIT(nibble, mask, to) ((nibble) & (mask) ? UINT64_C(1) << ((to) ^ 7) : 0)
#define OF(n, a, b, c, d)     (BIT(n, 8, a) | BIT(n, 4, b) | BIT(n, 2, c) | BIT(n, 1, d))
#define FOUR(n, a, b, c, d)   OF(n, a, b, c, d), OF((n) + 1, a, b, c, d), OF((n) + 2, a, b, c, d), OF((n) + 3, a, b, c, d)
#define ROW(a, b, c, d)       {FOUR(0, a, b, c, d), FOUR(4, a, b, c, d), FOUR(8, a, b, c, d), FOUR(12, a, b, c, d)},

static const uint64_t permuted[16][16] = {DP_CSA_KEY_BITS(ROW)};

// Row r is the nibble at bits 4 * (r ^ 1): a byte's high nibble comes first.
static uint64_t permute(uint64_t w)
{
	uint64_t to = 0;

#pragma GCC unroll 8
	for (unsigned r = 0; r < 16; r += 2, w >>= 8)
		to |= permuted[r][w >> 4 & 15] | permuted[r + 1][w & 15];
	return to;
}

// Word i of the series u of seven, shifted up by 2..16 bytes.
static inline uint64_t up(const uint64_t *u, unsigned i, unsigned bytes)
{
	unsigned words = bytes / 8, bits = 8 * (bytes % 8);
	uint64_t upper = i >= words ? u[i - words] : 0, lower = i > words ? u[i - words - 1] : 0;

	return bits ? upper << bits | lower >> (64 - bits) : upper;
}

// Times 1 + z^2s + z^3s + z^4s.
static inline void times(uint64_t *u, unsigned s)
{
#pragma GCC unroll 8
	for (unsigned i = GROUPS; i-- > 0;)
		u[i] ^= up(u, i, 2 * s) ^ up(u, i, 3 * s) ^ up(u, i, 4 * s);
}

// From k_i to u_i = c_{i+7} of csa_key.h. As power series u = k / g with g(z) = 1 + z^2 + z^3 + z^4. Over bits g(z)^2
// is g(z^2), hence 1 / g(z) = g(z) g(z^2) g(z^4) / g(z^8), and dividing by g(z^8) is a recurrence of whole words.
static inline void solve(uint64_t *u)
{
	times(u, 1);
	times(u, 2);
	times(u, 4);
#pragma GCC unroll 8
	for (unsigned i = 0; i < GROUPS; i++)
		u[i] ^= up(u, i, 16) ^ up(u, i, 24) ^ up(u, i, 32);
}

static inline void store(uint8_t *to, uint64_t w)
{
	w = htole64(w);
	memcpy(to, &w, sizeof(w));
}

static void expand(struct dp_csa_key *key)
{
	uint64_t k[GROUPS + 1] = {0}, u[GROUPS], w, c;

	memcpy(&w, key->cw, sizeof(w));
	w = le64toh(w);
#pragma GCC unroll 8
	for (unsigned g = GROUPS; g-- > 0; w = permute(w)) {
		u[g] = k[g] = w ^ g * UINT64_C(0x0101010101010101);
		store(key->k + 8 * g, k[g]);
	}
	solve(u);
#pragma GCC unroll 8
	for (unsigned i = 0; i < GROUPS; i++)
		store(key->q + 8 * i, up(u, i, 7) ^ (k[i] >> 8 | k[i + 1] << 56));
	// c_56..c_61; the sums of the exit are those of g again. k0 and out are one word.
	c = u[GROUPS - 1] >> 8;
	c ^= c << 16 ^ c << 24 ^ c << 32;
	store((uint8_t *)key + offsetof(struct dp_csa_key, k0),
	      k[GROUPS - 1] >> 56 << 56 | c << 16 >> 8 | (k[0] & 0xff));
}

void dp_csa2_set_key(void *scratch, void *key, const uint8_t *cw)
{
	struct dp_csa_key *to = key;

	(void)scratch;
	memcpy(to->cw, cw, sizeof(to->cw));
	expand(to);
}

// CSA1 has 48 bits of entropy: bytes 3 and 7 are sums of the three before them.
void dp_csa1_set_key(void *scratch, void *key, const uint8_t *cw)
{
	struct dp_csa_key *to = key;

	(void)scratch;
	memcpy(to->cw, cw, sizeof(to->cw));
	to->cw[3] = (uint8_t)(cw[0] + cw[1] + cw[2]);
	to->cw[7] = (uint8_t)(cw[4] + cw[5] + cw[6]);
	expand(to);
}
