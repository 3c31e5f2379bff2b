// SPDX-License-Identifier: GPL-3.0-or-later
// Delays of sampled datagrams, and their percentiles over all of them and over those that no gap of the machine
// touched.
//
// Threads: main. Owns: its samples. Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bench_delay {
	double us;
	bool in_gap; // arrived before a gap was over (path/pace.h)
};

struct bench_percentiles {
	unsigned n;
	double p50, p90, p99, p999, max; // microseconds; 0 without samples
};

struct bench_delays {
	unsigned n, capacity;
	struct bench_delay *delay;
};

int bench_delays_init(struct bench_delays *delays, unsigned capacity);
void bench_delays_fini(struct bench_delays *delays);

// One more, while there is room.
void bench_delays_add(struct bench_delays *delays, double us, bool in_gap);

// Nearest-rank percentiles, of all or only of those outside gaps. Sorts the samples.
struct bench_percentiles bench_delays_percentiles(struct bench_delays *delays, bool outside_gaps);
