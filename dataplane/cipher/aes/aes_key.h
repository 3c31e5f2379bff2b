// SPDX-License-Identifier: GPL-3.0-or-later
// The key record of AES-128, the same for all kernels of ours: the key schedule of the cipher (not of its inverse), in
// the byte order of the standard. A control word is the AES key.
//
// Refs: FIPS 197 clause 5.2.
// Threads: any. Owns: the caller's memory.
#pragma once

#include <stdint.h>

enum { DP_AES_BLOCK_BYTES = 16, DP_AES_ROUNDS = 10 };

// 176 bytes of three cache lines; the rest is never read as key.
struct dp_aes_key {
	uint8_t round[DP_AES_ROUNDS + 1][DP_AES_BLOCK_BYTES];
} __attribute__((aligned(64)));
