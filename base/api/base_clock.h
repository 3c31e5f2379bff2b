// SPDX-License-Identifier: GPL-3.0-or-later
// Time from the processor's time stamp counter, calibrated against CLOCK_MONOTONIC_RAW.
//
// DPDK's own figure for the counter is rounded to 10 MHz and was found wrong by 1494 ppm; pacing, PCR and latency
// use this clock alone.
//
// Threads: calibrate once before the workers start, then read by any thread.
// Errors: -ENOTSUP when the counter is not invariant (a guest whose hypervisor hides the flag is measured instead) or
//         not running, -EINVAL for a duration out of range, -errno of clock_gettime.
#pragma once

#include <stdint.h>

struct base_clock {
	uint64_t tsc_hz;         // measured
	uint64_t us_per_tsc_q32; // microseconds per tick, 32 fraction bits: good to 1 ppm, for short intervals in hot
				 // loops
};

// The counter now, in ticks.
static inline uint64_t base_clock_tsc(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
#error "no time stamp counter is known for this processor"
#endif
}

// Measures the counter for `ms` milliseconds (10..1000), taking the tightest of several paired reads at each end.
int base_clock_calibrate(struct base_clock *clock, unsigned ms);

// Ticks to microseconds (rounded down), and back (rounded up, so a wait is never short); exact to 1 us for intervals
// up to a day. What is past 64 bits is UINT64_MAX.
uint64_t base_clock_us(const struct base_clock *clock, uint64_t ticks);
uint64_t base_clock_ticks(const struct base_clock *clock, uint64_t us);

// Ticks to the 27 MHz units of MPEG-2 systems (ISO/IEC 13818-1 clause 2.4.2.1).
uint64_t base_clock_27mhz(const struct base_clock *clock, uint64_t ticks);
