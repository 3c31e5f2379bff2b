// SPDX-License-Identifier: GPL-3.0-or-later
// The key record of DVB-CSA, the same for all kernels of ours.
//
// The block cipher has 56 rounds on W0..W7 with round keys k_0..k_55:
//
//   S = sbox(W7 ^ k_i)   W0' = W1   W1' = W2 ^ W0   W2' = W3 ^ W0   W3' = W4 ^ W0
//                        W4' = W5   W5' = W6 ^ P(S)  W6' = W7       W7' = W0 ^ S
//
// (written so that W_j' of a right-hand side holds the values before the round). With a_i = W0 and y_i = W7 ^ k_i at
// round i this is a recurrence in two sequences, y_{i+1} = a_i ^ S ^ k_{i+1} and a_{i+6} = y_{i-1} ^ k_{i-1} ^ P(S) ^
// a_{i+2} ^ a_{i+3} ^ a_{i+4}. Shifting every a_i by a constant c_i takes the second key off the critical path:
//
//   c_0..c_5 = 0,  c_{i+6} = k_{i-1} ^ c_{i+2} ^ c_{i+3} ^ c_{i+4}  (k_{-1} = 0)
//   Q_i = c_i ^ k_{i+1}  (k_56 = 0)
//   y_{i+1} = a_i ^ S ^ Q_i,   a_{i+6} = y_{i-1} ^ P(S) ^ a_{i+2} ^ a_{i+3} ^ a_{i+4}
//
//   Entry: a0 = W0, a1 = W1, a2 = W2^a0, a3 = W3^a0^a1, a4 = W4^a0^a1^a2, a5 = W5^a1^a2^a3, y_{-1} = W6, y_0 = W7^k_0.
//   Exit:  W0 = a56, W1 = a57, W2 = a58^a56, W3 = a59^a57^a56, W4 = a60^a56^a57^a58, W5 = a61^a57^a58^a59, W6 = y55,
//          each then XOR out[j]; W7 = y56.
//
// Threads: any. Owns: the caller's memory.
#pragma once

#include <stdint.h>

enum { DP_CSA_ROUNDS = 56 };

struct dp_csa_key {
	// What scrambling with the shifted block cipher reads: one cache line.
	uint8_t q[DP_CSA_ROUNDS]; // Q_0..Q_55
	uint8_t k0;
	uint8_t out[7];
	// What the stream cipher and descrambling read.
	uint8_t cw[8];            // the control word, for CSA1 with its sums
	uint8_t k[DP_CSA_ROUNDS]; // round keys k_0..k_55
} __attribute__((aligned(64)));

// set_key of the ops of our kernels; scratch is not used.
void dp_csa1_set_key(void *scratch, void *key, const uint8_t *cw);
void dp_csa2_set_key(void *scratch, void *key, const uint8_t *cw);
