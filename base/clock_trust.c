// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an x86 time stamp counter may be tried as a clock at all.
#include "clock_trust.h"

#include <string.h>

#define FEATURES_HYPERVISOR (1u << 31)
#define POWER_INVARIANT_TSC (1u << 8)

// Hypervisors clear the invariant flag to stay free to migrate the guest, on processors whose counter is invariant:
// a guest is trusted and its two measured halves decide (base_clock_rate). On bare metal without the flag the kernel
// may still know the processor.
bool base_clock_trusted(unsigned features_ecx, unsigned power_edx, FILE *cpuinfo)
{
	char line[4096];

	if ((power_edx & POWER_INVARIANT_TSC) || (features_ecx & FEATURES_HYPERVISOR))
		return true;
	while (cpuinfo && fgets(line, sizeof(line), cpuinfo))
		if (strncmp(line, "flags", 5) == 0 && strstr(line, " constant_tsc"))
			return true;
	return false;
}
