// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a payload, where a processor has no masked stores.
//
// Threads: any; pure.
#pragma once

#include <immintrin.h>
#include <stdint.h>

// Stores the first `n` bytes of a block, 0..15.
static inline void store_residue(uint8_t *to, __m128i block, unsigned n)
{
	if (n & 8) {
		_mm_storel_epi64((__m128i *)to, block);
		block = _mm_srli_si128(block, 8);
		to += 8;
	}
	if (n & 4) {
		_mm_storeu_si32(to, block);
		block = _mm_srli_si128(block, 4);
		to += 4;
	}
	if (n & 2) {
		_mm_storeu_si16(to, block);
		block = _mm_srli_si128(block, 2);
		to += 2;
	}
	if (n & 1)
		*to = (uint8_t)_mm_extract_epi8(block, 0);
}
