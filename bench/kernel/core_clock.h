// SPDX-License-Identifier: GPL-3.0-or-later
// The core's own clock, which moves beside the TSC's: timed by a chain of 64-bit multiplications that depend on each
// other, 3 cycles each on every x86-64 since Nehalem and Zen.
//
// Threads: the measuring one.
#pragma once

// Core cycles per TSC tick now; takes about 30 us. 0 where no instruction's latency is known.
double bench_core_cycles_per_tick(void);
