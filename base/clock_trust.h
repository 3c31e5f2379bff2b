// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an x86 time stamp counter may be tried as a clock at all: the judgement apart from CPUID, so that it can be
// tested. Private to base.
//
// Threads: any.
#pragma once

#include <stdbool.h>
#include <stdio.h>

// `features_ecx` is ECX of CPUID leaf 1, `power_edx` EDX of leaf 8000_0007h (0 when there is no such leaf);
// `cpuinfo` (BORROWS, NULL allowed) is /proc/cpuinfo, read when they do not decide.
bool base_clock_trusted(unsigned features_ecx, unsigned power_edx, FILE *cpuinfo);
