// SPDX-License-Identifier: GPL-3.0-or-later
// What the processor offers and the operating system keeps for us, as far as kernels need it. Beyond this, every
// x86-64 build may use x86-64-v2.
//
// Refs: Intel SDM volume 1 chapter 13 (XCR0), volume 2 (CPUID).
// Threads: any.
#pragma once

#include <stdint.h>

enum dp_cpu {
	DP_CPU_AES = 1 << 0,    // AES-NI
	DP_CPU_AVX2 = 1 << 1,   // AVX2, and the OS keeps the upper halves of ymm
	DP_CPU_VAES = 1 << 2,   // VAES on ymm (and on zmm with AVX512)
	DP_CPU_AVX512 = 1 << 3, // F, BW, DQ and VL, and the OS keeps zmm and the mask registers
	DP_CPU_VBMI = 1 << 4,   // AVX512_VBMI
	DP_CPU_GFNI = 1 << 5,
};

enum { DP_CPU_FEATURES = 6 };

// Names of the features, in the order of their bits: "aes", "avx2", "vaes", "avx512", "vbmi", "gfni".
extern const char *const dp_cpu_name[DP_CPU_FEATURES];

// The features of this machine. A feature that stands on another is given only with it: without AVX2 there is neither
// VAES nor AVX512, without AVX512 no VBMI. 0 where the processor is not an x86-64.
uint32_t dp_cpu_features(void);

// `features` less `without` and less what stands on those.
uint32_t dp_cpu_less(uint32_t features, uint32_t without);
