// SPDX-License-Identifier: GPL-3.0-or-later
// Two 64-bit words side by side, as one value in plain C: one register where registers have 128 bits, two elsewhere.
// And transposes in both halves at once.
//
// The first element of a word is its most significant, whatever the byte order of memory. A square of 2^k elements a
// side is transposed by swapping, for every half of a side, the two squares off the diagonal.
//
// Threads: any; pure functions. Owns: the caller's memory.
#pragma once

#include <stdint.h>

typedef uint64_t csa_pair __attribute__((vector_size(16)));

#define CSA_INLINE static inline __attribute__((always_inline))

// One step on `rows` words, of which `mask` has the low half of every 2 * `bits`: swaps the low half of a word with the
// high half of the one `distance` further on.
CSA_INLINE void csa_pair_step(csa_pair *w, unsigned rows, unsigned distance, unsigned bits, uint64_t mask)
{
	for (unsigned square = 0; square < rows; square += 2 * distance)
		for (unsigned i = square; i < square + distance; i++) {
			csa_pair swap = (w[i] ^ w[i + distance] >> bits) & mask;

			w[i] ^= swap;
			w[i + distance] ^= swap << bits;
		}
}

// 8 words of 8 bytes.
CSA_INLINE void csa_pair_transpose_bytes(csa_pair w[8])
{
	csa_pair_step(w, 8, 4, 32, UINT64_C(0x00000000ffffffff));
	csa_pair_step(w, 8, 2, 16, UINT64_C(0x0000ffff0000ffff));
	csa_pair_step(w, 8, 1, 8, UINT64_C(0x00ff00ff00ff00ff));
}

// 64 words of 64 bits.
static inline void csa_pair_transpose_bits(csa_pair w[64])
{
	csa_pair_step(w, 64, 32, 32, UINT64_C(0x00000000ffffffff));
	csa_pair_step(w, 64, 16, 16, UINT64_C(0x0000ffff0000ffff));
	csa_pair_step(w, 64, 8, 8, UINT64_C(0x00ff00ff00ff00ff));
	csa_pair_step(w, 64, 4, 4, UINT64_C(0x0f0f0f0f0f0f0f0f));
	csa_pair_step(w, 64, 2, 2, UINT64_C(0x3333333333333333));
	csa_pair_step(w, 64, 1, 1, UINT64_C(0x5555555555555555));
}
