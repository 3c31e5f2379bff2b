// SPDX-License-Identifier: GPL-3.0-or-later
// The block cipher on 128 lanes in plain C, byte-sliced: a row is the same byte of every lane. The recurrence of
// csa_key.h, with all that is not the S-box done 16 lanes at a time.
//
// Threads: any. Owns: the caller's struct csa_rows, which holds what was made of keys: the kernel wipes it. Not
// constant time: the S-box is a table, looked up with secret bytes.
#pragma once

#include <stdint.h>

#include "cipher/csa/csa_key.h"
#include "cipher/csa/csa_pair.h"
#include "cipher/csa/csa_tables.h"

enum { CSA_ROW_LANES = 128, CSA_ROW_PAIRS = CSA_ROW_LANES / 16 };

// Where the first 64 bytes of key records have what: Q_0.. first.
enum { CSA_ROW_K0 = DP_CSA_ROUNDS, CSA_ROW_OUT, CSA_ROW_KEYS = CSA_ROW_OUT + 7 };

typedef csa_pair csa_row[CSA_ROW_PAIRS];

struct csa_rows {
	csa_row key[CSA_ROW_KEYS];    // of the lanes' records
	csa_row a[DP_CSA_ROUNDS + 6]; // a_0..a_61
	csa_row y[DP_CSA_ROUNDS + 2]; // y_{-1}..y_56: y_i stands at i + 1
};

// Words of lanes, byte 0 the most significant, to eight rows, and back. Here and below `pairs` says how much of the
// rows there is to do.
CSA_INLINE void csa_rows_slice(csa_row *rows, const csa_pair *lanes, unsigned pairs)
{
	for (unsigned i = 0; i < pairs; i++) {
		csa_pair square[8];

		for (unsigned j = 0; j < 8; j++)
			square[j] = lanes[8 * i + j];
		csa_pair_transpose_bytes(square);
		for (unsigned j = 0; j < 8; j++)
			rows[j][i] = square[j];
	}
}

CSA_INLINE void csa_rows_unslice(csa_pair *lanes, csa_row *rows, unsigned pairs)
{
	for (unsigned i = 0; i < pairs; i++) {
		for (unsigned j = 0; j < 8; j++)
			lanes[8 * i + j] = rows[j][i];
		csa_pair_transpose_bytes(lanes + 8 * i);
	}
}

// Byte i of a word in memory, counted from the least significant.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CSA_BYTE(i) (i)
#else
#define CSA_BYTE(i) (7 - (i))
#endif

CSA_INLINE uint64_t csa_rows_look_up_two(const uint8_t *from, unsigned i)
{
	return dp_csa_block_sbox[from[CSA_BYTE(i)]] | (uint64_t)dp_csa_block_sbox[from[CSA_BYTE(i + 1)]] << 8;
}

CSA_INLINE uint64_t csa_rows_look_up_word(const uint8_t *from)
{
	return (csa_rows_look_up_two(from, 0) | csa_rows_look_up_two(from, 2) << 16) |
	       (csa_rows_look_up_two(from, 4) | csa_rows_look_up_two(from, 6) << 16) << 32;
}

// The S-box on every byte. Look-ups go through memory, where a byte is cheap to reach; what they give is put together
// in registers, because a load of bytes that were stored one by one waits for all of them.
CSA_INLINE csa_pair csa_rows_look_up(const csa_pair *from)
{
	const uint8_t *bytes = (const uint8_t *)from;

	return (csa_pair){csa_rows_look_up_word(bytes), csa_rows_look_up_word(bytes + 8)};
}

#define CSA_EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))

// P on every byte.
CSA_INLINE csa_pair csa_rows_permute(csa_pair s)
{
	return (s & CSA_EVERY(0x29)) << 1 | (s & CSA_EVERY(0x02)) << 6 | (s & CSA_EVERY(0x04)) << 3 |
	       (s & CSA_EVERY(0x10)) >> 2 | (s & CSA_EVERY(0x40)) >> 6 | (s & CSA_EVERY(0x80)) >> 4;
}

// W0..W7 to a_n..a_{n+5}, y_{n-1} and y_n, but for what is added from the key; n is 0 or 56.
CSA_INLINE void csa_rows_unfold(struct csa_rows *s, unsigned n, csa_row *w, unsigned pairs)
{
	for (unsigned i = 0; i < pairs; i++) {
		csa_pair a0 = w[0][i], a1 = w[1][i], a2 = w[2][i] ^ a0, a3 = w[3][i] ^ a0 ^ a1;

		s->a[n][i] = a0;
		s->a[n + 1][i] = a1;
		s->a[n + 2][i] = a2;
		s->a[n + 3][i] = a3;
		s->a[n + 4][i] = w[4][i] ^ a0 ^ a1 ^ a2;
		s->a[n + 5][i] = w[5][i] ^ a1 ^ a2 ^ a3;
		s->y[n][i] = w[6][i];
		s->y[n + 1][i] = w[7][i];
	}
}

CSA_INLINE void csa_rows_fold(csa_row *w, const struct csa_rows *s, unsigned n, unsigned pairs)
{
	for (unsigned i = 0; i < pairs; i++) {
		csa_pair a0 = s->a[n][i], a1 = s->a[n + 1][i], a2 = s->a[n + 2][i], a3 = s->a[n + 3][i];

		w[0][i] = a0;
		w[1][i] = a1;
		w[2][i] = a2 ^ a0;
		w[3][i] = a3 ^ a0 ^ a1;
		w[4][i] = s->a[n + 4][i] ^ a0 ^ a1 ^ a2;
		w[5][i] = s->a[n + 5][i] ^ a1 ^ a2 ^ a3;
		w[6][i] = s->y[n][i];
		w[7][i] = s->y[n + 1][i];
	}
}

CSA_INLINE void csa_rows_add(csa_row *w, csa_row *key, unsigned rows, unsigned pairs)
{
	for (unsigned j = 0; j < rows; j++)
		for (unsigned i = 0; i < pairs; i++)
			w[j][i] ^= key[j][i];
}

// One block of every lane, in place.
CSA_INLINE void csa_rows_encrypt(struct csa_rows *s, csa_row *w, unsigned pairs)
{
	csa_rows_add(w + 7, &s->key[CSA_ROW_K0], 1, pairs);
	csa_rows_unfold(s, 0, w, pairs);
	for (unsigned n = 0; n < DP_CSA_ROUNDS; n++) {
		for (unsigned i = 0; i < pairs; i++) {
			csa_pair found = csa_rows_look_up(&s->y[n + 1][i]);

			s->y[n + 2][i] = s->a[n][i] ^ found ^ s->key[n][i];
			s->a[n + 6][i] =
				s->y[n][i] ^ csa_rows_permute(found) ^ s->a[n + 2][i] ^ s->a[n + 3][i] ^ s->a[n + 4][i];
		}
	}
	csa_rows_fold(w, s, DP_CSA_ROUNDS, pairs);
	csa_rows_add(w, &s->key[CSA_ROW_OUT], 7, pairs);
}

// The same recurrence backwards.
CSA_INLINE void csa_rows_decrypt(struct csa_rows *s, csa_row *w, unsigned pairs)
{
	csa_rows_add(w, &s->key[CSA_ROW_OUT], 7, pairs);
	csa_rows_unfold(s, DP_CSA_ROUNDS, w, pairs);
	for (unsigned n = DP_CSA_ROUNDS; n-- > 0;) {
		for (unsigned i = 0; i < pairs; i++) {
			csa_pair found = csa_rows_look_up(&s->y[n + 1][i]);

			s->a[n][i] = s->y[n + 2][i] ^ found ^ s->key[n][i];
			s->y[n][i] = s->a[n + 6][i] ^ csa_rows_permute(found) ^ s->a[n + 2][i] ^ s->a[n + 3][i] ^
				     s->a[n + 4][i];
		}
	}
	csa_rows_fold(w, s, 0, pairs);
	csa_rows_add(w + 7, &s->key[CSA_ROW_K0], 1, pairs);
}
