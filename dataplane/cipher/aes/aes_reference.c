// SPDX-License-Identifier: GPL-3.0-or-later
// AES-128 and its modes one packet at a time, to be read beside FIPS 197 and the table of algorithm.h. Shares nothing
// with the kernels it judges.
//
// Not in constant time: SubBytes is a look-up in a table by secret bytes. For tests, never for service.
//
// Refs: FIPS 197; NIST SP 800-38A; ETSI TS 103 127 (CISSA); ATIS-0800006 (IDSA).
#include "cipher/cipher.h"

#include <string.h>

#include "cipher/aes/aes_ops.h"

enum { COLUMNS = 4, BLOCK_BYTES = DP_AES_BLOCK_BYTES };

// 5.1.1, figure 7
static const uint8_t sbox[256] = {
	0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5, 0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76, 0xca, 0x82,
	0xc9, 0x7d, 0xfa, 0x59, 0x47, 0xf0, 0xad, 0xd4, 0xa2, 0xaf, 0x9c, 0xa4, 0x72, 0xc0, 0xb7, 0xfd, 0x93, 0x26,
	0x36, 0x3f, 0xf7, 0xcc, 0x34, 0xa5, 0xe5, 0xf1, 0x71, 0xd8, 0x31, 0x15, 0x04, 0xc7, 0x23, 0xc3, 0x18, 0x96,
	0x05, 0x9a, 0x07, 0x12, 0x80, 0xe2, 0xeb, 0x27, 0xb2, 0x75, 0x09, 0x83, 0x2c, 0x1a, 0x1b, 0x6e, 0x5a, 0xa0,
	0x52, 0x3b, 0xd6, 0xb3, 0x29, 0xe3, 0x2f, 0x84, 0x53, 0xd1, 0x00, 0xed, 0x20, 0xfc, 0xb1, 0x5b, 0x6a, 0xcb,
	0xbe, 0x39, 0x4a, 0x4c, 0x58, 0xcf, 0xd0, 0xef, 0xaa, 0xfb, 0x43, 0x4d, 0x33, 0x85, 0x45, 0xf9, 0x02, 0x7f,
	0x50, 0x3c, 0x9f, 0xa8, 0x51, 0xa3, 0x40, 0x8f, 0x92, 0x9d, 0x38, 0xf5, 0xbc, 0xb6, 0xda, 0x21, 0x10, 0xff,
	0xf3, 0xd2, 0xcd, 0x0c, 0x13, 0xec, 0x5f, 0x97, 0x44, 0x17, 0xc4, 0xa7, 0x7e, 0x3d, 0x64, 0x5d, 0x19, 0x73,
	0x60, 0x81, 0x4f, 0xdc, 0x22, 0x2a, 0x90, 0x88, 0x46, 0xee, 0xb8, 0x14, 0xde, 0x5e, 0x0b, 0xdb, 0xe0, 0x32,
	0x3a, 0x0a, 0x49, 0x06, 0x24, 0x5c, 0xc2, 0xd3, 0xac, 0x62, 0x91, 0x95, 0xe4, 0x79, 0xe7, 0xc8, 0x37, 0x6d,
	0x8d, 0xd5, 0x4e, 0xa9, 0x6c, 0x56, 0xf4, 0xea, 0x65, 0x7a, 0xae, 0x08, 0xba, 0x78, 0x25, 0x2e, 0x1c, 0xa6,
	0xb4, 0xc6, 0xe8, 0xdd, 0x74, 0x1f, 0x4b, 0xbd, 0x8b, 0x8a, 0x70, 0x3e, 0xb5, 0x66, 0x48, 0x03, 0xf6, 0x0e,
	0x61, 0x35, 0x57, 0xb9, 0x86, 0xc1, 0x1d, 0x9e, 0xe1, 0xf8, 0x98, 0x11, 0x69, 0xd9, 0x8e, 0x94, 0x9b, 0x1e,
	0x87, 0xe9, 0xce, 0x55, 0x28, 0xdf, 0x8c, 0xa1, 0x89, 0x0d, 0xbf, 0xe6, 0x42, 0x68, 0x41, 0x99, 0x2d, 0x0f,
	0xb0, 0x54, 0xbb, 0x16,
};

// 4.2.1: multiplication by x in GF(2^8), modulo x^8 + x^4 + x^3 + x + 1.
static uint8_t xtime(uint8_t a)
{
	return (uint8_t)(a << 1 ^ (a >> 7) * 0x1b);
}

// 4.2: multiplication of polynomials, b being small and public.
static uint8_t mul(uint8_t a, uint8_t b)
{
	uint8_t product = 0;

	for (; b; b >>= 1, a = xtime(a))
		if (b & 1)
			product ^= a;
	return product;
}

static void add_round_key(uint8_t *s, const uint8_t *k)
{
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		s[i] ^= k[i];
}

static void sub_bytes(uint8_t *s)
{
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		s[i] = sbox[s[i]];
}

// 5.3.2; a search through the table spares a second one.
static void inv_sub_bytes(uint8_t *s)
{
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		s[i] = (uint8_t)((const uint8_t *)memchr(sbox, s[i], sizeof(sbox)) - sbox);
}

// Row r of the state, s[r + 4c] with c its column, moves by r columns to the left (5.1.2) or to the right (5.3.1).
static void shift_rows(uint8_t *s, bool inverse)
{
	uint8_t t[BLOCK_BYTES];

	memcpy(t, s, sizeof(t));
	for (unsigned r = 0; r < 4; r++)
		for (unsigned c = 0; c < COLUMNS; c++)
			s[r + 4 * c] = t[r + 4 * ((inverse ? c - r : c + r) % COLUMNS)];
}

// Every column is multiplied by a polynomial whose coefficients are `a`: 5.1.3 and 5.3.3.
static void mix_columns(uint8_t *s, const uint8_t *a)
{
	for (unsigned c = 0; c < COLUMNS; c++, s += 4) {
		uint8_t t[4];

		memcpy(t, s, sizeof(t));
		for (unsigned r = 0; r < 4; r++)
			s[r] = mul(t[r], a[0]) ^ mul(t[(r + 1) % 4], a[1]) ^ mul(t[(r + 2) % 4], a[2]) ^
			       mul(t[(r + 3) % 4], a[3]);
	}
}

// 5.1
static void cipher(const struct dp_aes_key *key, uint8_t *s)
{
	add_round_key(s, key->round[0]);
	for (unsigned round = 1; round <= DP_AES_ROUNDS; round++) {
		sub_bytes(s);
		shift_rows(s, false);
		if (round < DP_AES_ROUNDS)
			mix_columns(s, (const uint8_t[]){2, 3, 1, 1});
		add_round_key(s, key->round[round]);
	}
}

// 5.3
static void inv_cipher(const struct dp_aes_key *key, uint8_t *s)
{
	add_round_key(s, key->round[DP_AES_ROUNDS]);
	for (unsigned round = DP_AES_ROUNDS; round-- > 0;) {
		shift_rows(s, true);
		inv_sub_bytes(s);
		add_round_key(s, key->round[round]);
		if (round > 0)
			mix_columns(s, (const uint8_t[]){14, 11, 13, 9});
	}
}

// 5.2: words of four bytes, of which every fourth takes RotWord, SubWord and Rcon.
static void set_key(void *scratch, void *key, const uint8_t *cw)
{
	uint8_t *w = ((struct dp_aes_key *)key)->round[0];
	uint8_t rcon = 1;

	(void)scratch;
	memcpy(w, cw, BLOCK_BYTES);
	for (unsigned i = BLOCK_BYTES; i < sizeof(((struct dp_aes_key *)key)->round); i++) {
		uint8_t before = w[i - 4];

		if (i % BLOCK_BYTES < 3)
			before = sbox[w[i - 3]];
		else if (i % BLOCK_BYTES == 3)
			before = sbox[w[i - 7]];
		if (i % BLOCK_BYTES == 0) {
			before ^= rcon;
			rcon = xtime(rcon);
		}
		w[i] = w[i - BLOCK_BYTES] ^ before;
	}
}

static const uint8_t zero_iv[BLOCK_BYTES];
static const uint8_t cissa_iv[BLOCK_BYTES] = "DVBTMCPTAESCISSA";

static void chain(const struct dp_aes_key *key, const uint8_t *iv, uint8_t *text, unsigned blocks)
{
	for (unsigned i = 0; i < blocks; i++, text += BLOCK_BYTES) {
		add_round_key(text, iv);
		cipher(key, text);
		iv = text;
	}
}

static void unchain(const struct dp_aes_key *key, const uint8_t *iv, uint8_t *text, unsigned blocks)
{
	while (blocks-- > 0) {
		inv_cipher(key, text + blocks * BLOCK_BYTES);
		add_round_key(text + blocks * BLOCK_BYTES, blocks ? text + (blocks - 1) * BLOCK_BYTES : iv);
	}
}

// The residue of IDSA, the same both ways: it follows `blocks` blocks of ciphertext.
static void idsa_residue(const struct dp_aes_key *key, uint8_t *text, unsigned blocks, unsigned bytes)
{
	uint8_t pad[BLOCK_BYTES];

	memcpy(pad, blocks ? text + (blocks - 1) * BLOCK_BYTES : zero_iv, BLOCK_BYTES);
	cipher(key, pad);
	for (unsigned i = 0; i < bytes; i++)
		text[blocks * BLOCK_BYTES + i] ^= pad[i];
}

static void cissa_payload(const struct dp_aes_key *key, uint8_t *text, unsigned n, bool scramble)
{
	(scramble ? chain : unchain)(key, cissa_iv, text, n / BLOCK_BYTES);
}

static void idsa_payload(const struct dp_aes_key *key, uint8_t *text, unsigned n, bool scramble)
{
	unsigned blocks = n / BLOCK_BYTES;

	if (scramble)
		chain(key, zero_iv, text, blocks);
	idsa_residue(key, text, blocks, n % BLOCK_BYTES);
	if (!scramble)
		unchain(key, zero_iv, text, blocks);
}

static void cbc_payload(const struct dp_aes_key *key, uint8_t *text, unsigned n, bool scramble)
{
	(scramble ? chain : unchain)(key, zero_iv, text, n / BLOCK_BYTES);
}

static void ecb_payload(const struct dp_aes_key *key, uint8_t *text, unsigned n, bool scramble)
{
	for (unsigned i = 0; i < n / BLOCK_BYTES; i++)
		(scramble ? cipher : inv_cipher)(key, text + i * BLOCK_BYTES);
}

typedef void payload_fn(const struct dp_aes_key *key, uint8_t *text, unsigned n, bool scramble);

static void run(payload_fn *payload, struct dp_lane *lanes, unsigned n, bool scramble)
{
	for (unsigned i = 0; i < n; i++) {
		memmove(lanes[i].dst, lanes[i].src, lanes[i].n);
		payload(lanes[i].key, lanes[i].dst, lanes[i].n, scramble);
		lanes[i].done = true;
	}
}

#define MODE(mode)                                                                      \
	static void mode##_scramble(void *scratch, struct dp_lane *lanes, unsigned n)   \
	{                                                                               \
		(void)scratch;                                                          \
		run(mode##_payload, lanes, n, true);                                    \
	}                                                                               \
	static void mode##_descramble(void *scratch, struct dp_lane *lanes, unsigned n) \
	{                                                                               \
		(void)scratch;                                                          \
		run(mode##_payload, lanes, n, false);                                   \
	}

MODE(cissa)
MODE(idsa)
MODE(cbc)
MODE(ecb)

static int init(void *scratch)
{
	(void)scratch;
	return 0;
}

static void fini(void *scratch)
{
	(void)scratch;
}

const struct dp_cipher_ops dp_aes_reference[4] = AES_MODES("reference", "portable", 0, 1, 64);
