// SPDX-License-Identifier: GPL-3.0-or-later
// The rate of a counter from three readings: the arithmetic and the judgement of base_clock_calibrate, apart from
// the hardware so that it can be tested. Private to base.
//
// Threads: any; pure.
#pragma once

#include <stdint.h>

// Products of ticks and rates do not fit in 64 bits.
__extension__ typedef unsigned __int128 base_clock_wide;

// The counter and the kernel's clock at one instant.
struct base_clock_reading {
	uint64_t tsc;
	uint64_t ns;
};

// Writes the counter's rate over `r[0]`..`r[2]` to *hz. Returns 0, or -ENOTSUP when it does not run forward, runs
// below 1 MHz, or when its rates over the two halves differ by more than 1000 ppm (it follows the core's frequency).
int base_clock_rate(const struct base_clock_reading r[3], uint64_t *hz);
