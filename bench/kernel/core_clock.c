// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel/core_clock.h"

#include <stdint.h>

#include <base_clock.h>

enum { TRIES = 5, LOOPS = 1000, CHAIN = 8, LATENCY_CYCLES = 3 };

#ifdef __x86_64__
static uint64_t chain_ticks(void)
{
	uint64_t began = base_clock_tsc(), x = began | 1;

	for (unsigned i = 0; i < LOOPS; i++)
		__asm__ volatile("imul %0, %0\n\timul %0, %0\n\timul %0, %0\n\timul %0, %0\n\t"
				 "imul %0, %0\n\timul %0, %0\n\timul %0, %0\n\timul %0, %0"
				 : "+r"(x));
	return base_clock_tsc() - began;
}

double bench_core_cycles_per_tick(void)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t ticks = chain_ticks();

		least = ticks < least ? ticks : least;
	}
	return (double)LOOPS * CHAIN * LATENCY_CYCLES / (double)least;
}
#else
double bench_core_cycles_per_tick(void)
{
	return 0;
}
#endif
