// SPDX-License-Identifier: GPL-3.0-or-later
// What the inputs of a case have in common, a few KiB: the bytes that all payloads are cut from, and their tables.
//
// A payload is 184 of these bytes from one of 4096 places on, so two payloads that are not the same differ everywhere.
//
// Threads: made by main, then read by all. Owns: nothing. Errors: none.
#pragma once

#include <stdint.h>

#include <base_clock.h>
#include <ts_packet.h>

enum {
	BENCH_PROGRAMMES_MAX = 4, // of one input
	BENCH_FIRST_PID = 0x100,  // PIDs of the k-th programme: from FIRST + k * STEP on, by enum bench_pid
	BENCH_PID_STEP = 16,
	BENCH_PSI_MS = 100,
	BENCH_PCR_MS = 40,
	BENCH_PAYLOADS = 4096,
};

enum bench_pid { BENCH_PMT, BENCH_VIDEO, BENCH_AUDIO, BENCH_PIDS };

struct bench_store {
	const struct base_clock *clock;
	uint64_t psi_ticks, pcr_ticks; // between them
	uint8_t random[BENCH_PAYLOADS + TS_PAYLOAD_MAX_BYTES];
	uint8_t pat[BENCH_PROGRAMMES_MAX][TS_PACKET_BYTES]; // of an input of 1, 2, ... programmes
	uint8_t pmt[BENCH_PROGRAMMES_MAX][TS_PACKET_BYTES]; // of an input's first, second, ... programme
};

void bench_store_init(struct bench_store *store, const struct base_clock *clock);

static inline uint16_t bench_pid(unsigned programme, enum bench_pid which)
{
	return (uint16_t)(BENCH_FIRST_PID + programme * BENCH_PID_STEP + which);
}

// Looks random, and is the same in every run: the mixer of splitmix64.
static inline uint64_t bench_mix(uint64_t x)
{
	x += UINT64_C(0x9E3779B97F4A7C15);
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}
