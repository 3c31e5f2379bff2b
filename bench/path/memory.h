// SPDX-License-Identifier: GPL-3.0-or-later
// Memory of this process.
//
// Threads: main. Errors: 0 for what cannot be found out.
#pragma once

#include <stdint.h>

// Resident, as the kernel counts it.
uint64_t bench_memory_rss(void);

// Allocated: of the C heap, of the EAL's, and locked.
uint64_t bench_memory_used(void);
