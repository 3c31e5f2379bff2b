// SPDX-License-Identifier: GPL-3.0-or-later
// The folder of bench/baseline that is for this processor.
//
// Threads: any. Owns: nothing. Errors: -ENOTSUP where there is no CPUID.
#pragma once

enum { BENCH_CPU_NAME_BYTES = 32 };

// Vendor, family and model as in "amd-1a-02".
int bench_cpu_name(char name[BENCH_CPU_NAME_BYTES]);
