// SPDX-License-Identifier: GPL-3.0-or-later
// Byte slices to bit planes and back, for 512 lanes, with AVX-512 BW and GFNI.
//
// A slice is a byte of every lane, 64 lanes in each of eight vectors; its eight planes have a bit of every lane each,
// the most significant first. Of byte 16 * i + j of the planes, bit 7 - k is lane 16 * i + 8 * (j % 2) + k of vector j
// / 2.
//
// With the seven bits that number the 8 x 16 bytes of a 128-bit column written as one number, vector first, an
// interleave of the eight vectors turns that number left by one. After three, the eight bytes of a quadword come from
// the eight planes, where one affine transform turns 8 x 8 bits; four more restore the order.
//
// Threads: any. Owns: the caller's memory. Constant time.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

enum { CSA_SLICE_VECTORS = 8 };

// Bytes 2n and 2n + 1 of the columns of x[i] and x[i + 4] beside each other: low halves to 2i, high halves to 2i + 1.
static inline __attribute__((always_inline)) void csa_interleave(__m512i x[CSA_SLICE_VECTORS])
{
	__m512i from[CSA_SLICE_VECTORS];

#pragma GCC unroll 8
	for (unsigned i = 0; i < CSA_SLICE_VECTORS; i++)
		from[i] = x[i];
#pragma GCC unroll 4
	for (unsigned i = 0; i < CSA_SLICE_VECTORS / 2; i++) {
		x[2 * i] = _mm512_unpacklo_epi8(from[i], from[i + 4]);
		x[2 * i + 1] = _mm512_unpackhi_epi8(from[i], from[i + 4]);
	}
}

// Turns the 8 x 8 bits of every quadword about the diagonal that runs from bit 0 of byte 0 to bit 7 of byte 7
// crosswise: bit b of byte k and bit 7 - k of byte 7 - b change places.
static inline __m512i csa_turn_bits(__m512i x)
{
	return _mm512_gf2p8affine_epi64_epi8(_mm512_set1_epi64(0x0102040810204080), x, 0);
}

// Eight slices, `stride` bytes apart, to 64 planes.
static inline void csa_planes_of_slices(csa_word planes[64], const uint8_t *slices, size_t stride)
{
	for (unsigned byte = 0; byte < 8; byte++) {
		const __m512i *slice = (const __m512i *)(slices + byte * stride);
		__m512i x[CSA_SLICE_VECTORS];

#pragma GCC unroll 8
		for (unsigned i = 0; i < CSA_SLICE_VECTORS; i++)
			x[i] = csa_turn_bits(slice[i]);
		csa_interleave(x);
		csa_interleave(x);
		csa_interleave(x);
		csa_interleave(x);
#pragma GCC unroll 8
		for (unsigned i = 0; i < CSA_SLICE_VECTORS; i++)
			planes[8 * byte + i] = (csa_word)x[i];
	}
}

// XORs 64 planes to eight slices, `stride` bytes apart.
static inline void csa_xor_planes(uint8_t *slices, size_t stride, const csa_word planes[64])
{
	for (unsigned byte = 0; byte < 8; byte++) {
		__m512i *slice = (__m512i *)(slices + byte * stride);
		__m512i x[CSA_SLICE_VECTORS];

#pragma GCC unroll 8
		for (unsigned i = 0; i < CSA_SLICE_VECTORS; i++)
			x[i] = (__m512i)planes[8 * byte + i];
		csa_interleave(x);
		csa_interleave(x);
		csa_interleave(x);
#pragma GCC unroll 8
		for (unsigned i = 0; i < CSA_SLICE_VECTORS; i++)
			slice[i] = _mm512_xor_si512(slice[i], csa_turn_bits(x[i]));
	}
}
