// SPDX-License-Identifier: GPL-3.0-or-later
// The EAL as tests want it: ordinary memory, no files, no devices, and this thread alone.
//
// Threads: main, once in a process. Owns: nothing. Errors: -1, said on standard error.
#pragma once

#include <stdio.h>

#include <rte_eal.h>

#include <base_clock.h>

// Starts the EAL and calibrates the clock.
static inline int eal_start(struct base_clock *clock)
{
	// The EAL keeps pointers to them and may reorder them.
	static char text[][32] = {"test",     "--no-huge",      "--no-shconf",
				  "--no-pci", "--no-telemetry", "--log-level=lib.*:critical",
				  "-m256",    "--lcores=0"};
	static char *args[9];

	for (int i = 0; i < 8; i++)
		args[i] = text[i];
	if (rte_eal_init(8, args) >= 0 && base_clock_calibrate(clock, 20) == 0)
		return 0;
	fprintf(stderr, "the EAL does not start\n");
	return -1;
}
