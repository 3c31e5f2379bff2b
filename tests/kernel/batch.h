// SPDX-License-Identifier: GPL-3.0-or-later
// One call of a kernel: lanes laid on the ground, run, and judged with everything around them.
//
// Judged of each lane of the call: `done`, every byte at dst, no byte around it, src and the lane's other members as
// they were. Of lanes laid behind the call: nothing touched, not `done`.
//
// Threads: one. Owns: nothing.
#pragma once

#include "ground.h"

struct batch {
	const char *test; // its name, for the report
	struct kernel *kernel;
	const struct packets *packets;
	enum direction direction;
	unsigned laid;
	struct dp_lane lane[DP_CIPHER_LANES_MAX], before[DP_CIPHER_LANES_MAX];
	struct place dst[DP_CIPHER_LANES_MAX];
	uint16_t packet[DP_CIPHER_LANES_MAX]; // which one lies in a lane
};

// No lane is laid. BORROWS all.
void batch_begin(struct batch *batch, const char *test, struct kernel *kernel, const struct packets *packets,
		 enum direction direction);

// Lays packet `p` into the next lane. `src` is NULL where the packet is to be worked on in its place.
void batch_lay(struct batch *batch, unsigned p, const struct place *src, const struct place *dst);

// Runs the first `n` lanes and judges. What is wrong is printed, and counted in the kernel's failures; a kernel that
// failed FAILURES_MAX times is not run any more.
void batch_run(struct batch *batch, unsigned n);

enum { FAILURES_MAX = 4 };
