// SPDX-License-Identifier: GPL-3.0-or-later
// The key record of SM4, the same for all kernels of ours: the round keys rk_0..rk_31 as numbers, in the order of
// encryption. A control word is the SM4 key.
//
// Refs: GB/T 32907-2016 clause 7.3.
// Threads: any. Owns: the caller's memory.
#pragma once

#include <stdint.h>

enum { DP_SM4_ROUNDS = 32 };

struct dp_sm4_key {
	uint32_t round[DP_SM4_ROUNDS];
} __attribute__((aligned(64)));
