// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at every datagram that leaves, by its bytes alone: no elementary stream of a scrambled service without
// transport_scrambling_control, no packet that is not of its service, no step in any continuity counter.
//
// Threads: one worker's; main reads when no trial runs. Owns: a state by service. Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "path/stream.h"

struct bench_watch_counts {
	uint64_t pkts;
	uint64_t clear_pkts; // of scrambled services, or scrambled ones of clear services
	uint64_t odd_pkts;   // no packets of the service that the datagram's group names
	uint64_t breaks;     // of continuity: something before it is missing
};

struct bench_watch {
	unsigned services, programmes; // of the case, and of an input of it
	bool scrambled;                // what is expected of elementary streams
	struct bench_watch_state *state;
	struct bench_watch_counts counts;
};

int bench_watch_init(struct bench_watch *watch, unsigned services, unsigned programmes, bool scrambled);
void bench_watch_fini(struct bench_watch *watch);

// Heap that it holds.
uint64_t bench_watch_bytes(const struct bench_watch *watch);

// Looks at a frame of `bytes`. The service it belongs to, or -1.
int bench_watch_frame(struct bench_watch *watch, const uint8_t *frame, size_t bytes);
