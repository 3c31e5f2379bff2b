// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements beside the loop, right after each run, on the same core, packets, keys and cipher scratch: the cipher
// alone in full batches, and the two halves of the guard.
//
// Threads: probe runs on a worker lcore while the workers are stopped. Owns: its copy of some packets.
// Errors: -ENOMEM.
#pragma once

#include "path/sample.h"
#include "path/sink.h"
#include "path/stream.h"
#include "plant.h"

struct bench_probe {
	const struct dp_plant *plant;
	struct bench_stream *stream; // of all services, BORROWED
	struct bench_sink *sink;     // of worker 0
	unsigned ms;                 // of the cipher's measurement
	struct bench_sample *sample; // filled: kernel, note, check
};

// Runs it on lcore 1 and waits.
int bench_probe_run(struct bench_probe *probe);
