// SPDX-License-Identifier: GPL-3.0-or-later
#include "cipher/cpu.h"

const char *const dp_cpu_name[DP_CPU_FEATURES] = {"aes", "avx2", "vaes", "avx512", "vbmi", "gfni"};

uint32_t dp_cpu_less(uint32_t features, uint32_t without)
{
	features &= ~without;
	if (!(features & DP_CPU_AVX2))
		features &= ~(uint32_t)(DP_CPU_VAES | DP_CPU_AVX512);
	if (!(features & DP_CPU_AVX512))
		features &= ~(uint32_t)DP_CPU_VBMI;
	return features;
}

#ifdef __x86_64__
#include <cpuid.h>

enum {
	XCR0_YMM = 0x06,        // SSE and AVX state
	XCR0_ZMM = 0xE0 | 0x06, // and opmask, upper halves of zmm0..15, zmm16..31
};

// What the OS saves of us when it switches tasks.
static uint32_t xcr0(void)
{
	uint32_t eax, edx;

	__asm__("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
	return eax;
}

static uint32_t feature(uint32_t word, uint32_t bits, uint32_t is)
{
	return (word & bits) == bits ? is : 0;
}

uint32_t dp_cpu_features(void)
{
	uint32_t eax, ebx, ecx, edx, found, kept = 0;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
		return 0;
	found = feature(ecx, bit_AES, DP_CPU_AES);
	if (ecx & bit_OSXSAVE)
		kept = xcr0();
	if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
		found |= feature(ebx, bit_AVX2, DP_CPU_AVX2);
		found |= feature(ebx, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL, DP_CPU_AVX512);
		found |= feature(ecx, bit_VAES, DP_CPU_VAES);
		found |= feature(ecx, bit_AVX512VBMI, DP_CPU_VBMI);
		found |= feature(ecx, bit_GFNI, DP_CPU_GFNI);
	}
	if ((kept & XCR0_YMM) != XCR0_YMM)
		found &= ~(uint32_t)DP_CPU_AVX2;
	if ((kept & XCR0_ZMM) != XCR0_ZMM)
		found &= ~(uint32_t)DP_CPU_AVX512;
	return dp_cpu_less(found, 0);
}
#else
uint32_t dp_cpu_features(void)
{
	return 0;
}
#endif
