// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/cpu_name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

int bench_cpu_name(char name[BENCH_CPU_NAME_BYTES])
{
	unsigned a, b, c, d;
	char vendor[13] = "";

	if (!__get_cpuid(0, &a, &b, &c, &d))
		return -ENOTSUP;
	memcpy(vendor, &b, 4);
	memcpy(vendor + 4, &d, 4);
	memcpy(vendor + 8, &c, 4);
	__get_cpuid(1, &a, &b, &c, &d);
	// Extended family and model count only beyond what the four bits of old can say.
	unsigned family = (a >> 8) & 0xF, model = (a >> 4) & 0xF;

	model |= family == 0xF || family == 6 ? (a >> 12) & 0xF0 : 0;
	family += family == 0xF ? (a >> 20) & 0xFF : 0;
	snprintf(name, BENCH_CPU_NAME_BYTES, "%s-%02x-%02x",
		 strcmp(vendor, "AuthenticAMD") == 0   ? "amd"
		 : strcmp(vendor, "GenuineIntel") == 0 ? "intel"
						       : vendor,
		 family, model);
	return 0;
}

#else

int bench_cpu_name(char name[BENCH_CPU_NAME_BYTES])
{
	name[0] = '\0';
	return -ENOTSUP;
}

#endif
