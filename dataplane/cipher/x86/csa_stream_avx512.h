// SPDX-License-Identifier: GPL-3.0-or-later
// The stream cipher of DVB-CSA on 512 lanes: csa_stream.h with the turns that the build generates.
//
// A kernel includes this instead of csa_stream.h, and its row in cipher/meson.build has csa_turns beside its sources.
// Needs AVX-512 F.
//
// Threads, Owns: as csa_stream.h. The turns use no stack.
#pragma once

#include <immintrin.h>
#include <stdint.h>

typedef uint64_t csa_word __attribute__((vector_size(64)));

#define CSA_LUT3(imm8, x, y, z) ((csa_word)_mm512_ternarylogic_epi64((__m512i)(x), (__m512i)(y), (__m512i)(z), (imm8)))

#define CSA_TURNS "cipher/csa_turns_avx512.h"

#include "cipher/csa/csa_stream.h"

// Where the generated turns look for them (generate/csa_turns.py).
_Static_assert(offsetof(struct csa_stream, a) == 0 && offsetof(struct csa_stream, b) == 40 * sizeof(csa_word) &&
		       offsetof(struct csa_stream, rest) == 80 * sizeof(csa_word),
	       "planes of the stream's registers");
