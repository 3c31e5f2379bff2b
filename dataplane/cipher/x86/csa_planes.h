// SPDX-License-Identifier: GPL-3.0-or-later
// Byte slices to bit planes and back, with shifts and masks alone.
//
// Eight words that hold one byte each of eight groups of lanes are eight planes with one bit of every lane. Group g's
// lane l is bit g of byte l of a plane, so that nothing moves between the bytes of a word: 8 x 8 bits are turned in
// each.
//
// Before including this a kernel defines csa_word, a GNU vector of uint64_t, and CSA_LUT3 where csa_stream.h wants it.
// Threads: any. Owns: the caller's memory. Constant time.
#pragma once

#include <stdint.h>

enum { CSA_GROUPS = 8 };

// A byte of every lane.
struct csa_slice {
	csa_word of[CSA_GROUPS];
};

#ifdef CSA_LUT3
#define CSA_CHOOSE(mask, one, zero) CSA_LUT3(0xca, mask, one, zero)
#else
#define CSA_CHOOSE(mask, one, zero) (((one) & (mask)) | ((zero) & ~(mask)))
#endif

// Swaps the bits of *a outside of `mask` with the bits of *b inside, `by` places lower.
static inline void csa_swap_bits(csa_word *a, csa_word *b, unsigned by, uint64_t mask)
{
	csa_word low = (csa_word){0} + mask, x = *a, y = *b;

	*a = CSA_CHOOSE(low, x, y << by);
	*b = CSA_CHOOSE(low, x >> by, y);
}

// Bit b of every byte of x[g] goes to bit g of the same byte of x[b].
static inline void csa_turn_bits(csa_word x[CSA_GROUPS])
{
#pragma GCC unroll 4
	for (unsigned i = 0; i < 4; i++)
		csa_swap_bits(&x[i], &x[i + 4], 4, 0x0f0f0f0f0f0f0f0f);
#pragma GCC unroll 4
	for (unsigned i = 0; i < 4; i++)
		csa_swap_bits(&x[i + (i & 2)], &x[i + (i & 2) + 2], 2, 0x3333333333333333);
#pragma GCC unroll 4
	for (unsigned i = 0; i < 4; i++)
		csa_swap_bits(&x[2 * i], &x[2 * i + 1], 1, 0x5555555555555555);
}

// Eight bytes of eight groups to 64 planes in the order of csa_stream.h, the most significant bit first.
static inline void csa_planes_of_slices(csa_word planes[8 * 8], const struct csa_slice slices[8])
{
	for (unsigned i = 0; i < 8; i++) {
		csa_word x[CSA_GROUPS];

#pragma GCC unroll 8
		for (unsigned g = 0; g < CSA_GROUPS; g++)
			x[g] = slices[i].of[g];
		csa_turn_bits(x);
#pragma GCC unroll 8
		for (unsigned b = 0; b < 8; b++)
			planes[8 * i + 7 - b] = x[b];
	}
}

// XORs the stream of 64 planes to eight bytes of eight groups.
static inline void csa_slices_xor_planes(struct csa_slice slices[8], const csa_word planes[8 * 8])
{
	for (unsigned i = 0; i < 8; i++) {
		csa_word x[CSA_GROUPS];

#pragma GCC unroll 8
		for (unsigned b = 0; b < 8; b++)
			x[b] = planes[8 * i + 7 - b];
		csa_turn_bits(x);
#pragma GCC unroll 8
		for (unsigned g = 0; g < CSA_GROUPS; g++)
			slices[i].of[g] ^= x[g];
	}
}
