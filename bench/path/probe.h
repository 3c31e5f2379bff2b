// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements beside the loop, right after each run, on the same core, packets, keys and cipher scratch: the cipher
// alone in full batches, the two halves of the guard, and a forward of datagrams without any stage.
//
// Threads: probe runs on a worker lcore while the workers are stopped. Owns: its copy of some packets.
// Errors: -ENOMEM.
#pragma once

#include "path/rig.h"

struct bench_probe {
	struct bench_rig *rig;       // stopped
	unsigned ms;                 // of the cipher's measurement
	struct bench_sample *sample; // filled: kernel, note, check, bare
};

// Runs it on lcore 1 and waits.
int bench_probe_run(struct bench_probe *probe);
