// SPDX-License-Identifier: GPL-3.0-or-later
// SM4's S-box on bit slices: AES's between two affine maps, whose networks of gates generate/sm4_slice.py wrote.
// No branch and no table: constant time.
//
// Refs: GB/T 32907-2016 clause 6.2.
// Threads: any; pure.
#pragma once

#include "cipher/aes/aes_slice.h"

// From a byte of SM4 to one of AES.
static inline void sm4_slice_enter(aes_slice *b)
{
	aes_slice s0 = b[2] ^ b[5];
	aes_slice s1 = b[3] ^ b[7];
	aes_slice s2 = b[0] ^ s0;
	aes_slice s3 = b[1] ^ b[4];
	aes_slice s4 = b[4] ^ s0;
	aes_slice s5 = b[2] ^ s1;
	aes_slice s6 = b[3] ^ s2;
	aes_slice s7 = b[6] ^ s3;
	aes_slice s8 = s0 ^ s1;
	aes_slice s9 = s1 ^ s4;
	aes_slice s10 = s3 ^ s5;
	aes_slice b1 = b[1];

	b[0] = ~s4;
	b[1] = s8;
	b[2] = ~s2;
	b[3] = s10;
	b[4] = b1;
	b[5] = ~s6;
	b[6] = ~s9;
	b[7] = s7;
}

// From the output of AES's S-box to that of SM4's.
static inline void sm4_slice_leave(aes_slice *b)
{
	aes_slice s0 = b[1] ^ b[3];
	aes_slice s1 = b[2] ^ b[7];
	aes_slice s2 = b[0] ^ b[1];
	aes_slice s3 = b[5] ^ s1;
	aes_slice s4 = b[6] ^ s0;
	aes_slice s5 = s1 ^ s2;
	aes_slice s6 = b[0] ^ b[7];
	aes_slice s7 = b[2] ^ s4;
	aes_slice s8 = b[3] ^ s3;
	aes_slice s9 = b[4] ^ b[7];
	aes_slice s10 = b[4] ^ s3;
	aes_slice s11 = b[6] ^ s5;
	aes_slice s12 = s0 ^ s9;
	aes_slice s13 = s4 ^ s6;

	b[0] = ~s7;
	b[1] = ~s5;
	b[2] = ~s8;
	b[3] = ~s11;
	b[4] = s10;
	b[5] = ~s0;
	b[6] = s12;
	b[7] = s13;
}

static inline void sm4_slice_sbox(aes_slice *b)
{
	sm4_slice_enter(b);
	aes_slice_sbox(b);
	sm4_slice_leave(b);
}
