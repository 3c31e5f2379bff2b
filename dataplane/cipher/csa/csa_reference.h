// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CSA in plain C, one packet at a time, to be read beside its description. The law for the fast kernels.
//
// A payload of n bytes is n / 8 blocks P_1..P_N and a residue of n % 8 bytes. The block cipher E runs from the last
// block to the first, then the stream cipher runs over all but the first result, which it takes as its start value:
//
//   C_{N+1} = 0,  C_j = E(P_j ^ C_{j+1})  for j = N..1
//   scrambled: C_1, C_2 ^ s_1, .. C_N ^ s_{N-1}, residue ^ s_N
//
// where s_1, s_2.. are the stream of the control word and C_1, eight bytes each.
//
// A payload below 8 bytes has no start value and stays clear.
//
// Block cipher: 56 rounds on bytes W0..W7 as csa_key.h has them; decryption runs them backwards. Round keys: the
// control word is group 6; permuting the 64 bits of group g gives group g - 1; k_{8g+j} = byte j of group g, XOR g.
//
// Stream cipher: 107 bits in registers A and B of ten nibbles, X, Y, Z, D, E, F of one nibble, p, q, r of one bit. A
// clock:
//
//   A: A10 ^ X, in the first 32 clocks ^ D ^ a nibble from outside, comes in at cell 1
//   B: B7 ^ B10 ^ Y, in the first 32 clocks ^ the other nibble, comes in at cell 1, rotated left by 1 if p
//   D: E ^ Z ^ fold(B), four sums of four bits of B
//   F: Z + E + r if q, and the carry goes to r; E if not q, and r stays
//   E: F
//   X, Y, Z, p, q: the 14 bits that the seven S-boxes make of 35 bits of A
//
// where right-hand sides are the values before the clock. It starts with the control word's nibbles, high ones first,
// in A1..A8 and B1..B8 and all else 0, and takes the start value in 32 clocks: the two nibbles of every byte twice,
// high nibble first to A and low nibble first to B. Then every clock gives two bits, D3 ^ D2 and D1 ^ D0; the first
// clock's are a byte's most significant.
//
// Threads: any. Owns: the caller's memory. Not constant time: tables are looked up with secret numbers.
#pragma once

#include <stdint.h>

#include "cipher/csa/csa_key.h"

enum { DP_CSA_BLOCK_BYTES = 8 };

// Registers of the stream cipher. Cell 0 of A and B is not used, so that numbers are those of the description.
struct dp_csa_stream {
	uint8_t A[11], B[11];
	uint8_t X, Y, Z, D, E, F;
	uint8_t p, q, r;
};

// One block in place.
void dp_csa_block_encrypt(const struct dp_csa_key *key, uint8_t block[8]);
void dp_csa_block_decrypt(const struct dp_csa_key *key, uint8_t block[8]);

// Loads the control word and the start value.
void dp_csa_stream_start(struct dp_csa_stream *s, const uint8_t cw[8], const uint8_t start[8]);

// XORs the next n bytes of the stream to `bytes`.
void dp_csa_stream_xor(struct dp_csa_stream *s, uint8_t *bytes, unsigned n);
