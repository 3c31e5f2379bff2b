// SPDX-License-Identifier: GPL-3.0-or-later
// What main may read of a group's crypto-periods while its worker goes on.
//
// Threads: the worker that owns the group publishes; main reads.
// Owns: nothing; part of the period. No secret in it.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct dp_period_view {
	bool running;         // a period is on air
	bool have_next;       // the one after it, or the first, has been accepted
	bool next_ecm_on_air; // an ECM of that one has left
	bool ecm_on_air;      // and of the one on air
	bool extending;       // the one on air is past its end, for want of a next
	bool on_wall;         // the wall clock carries media time
	uint8_t algorithm;    // on air, enum dp_algorithm; DP_ALGORITHMS when nothing is
	uint16_t cp_number;   // on air
	uint16_t next_cp_number;
	uint64_t started_27mhz; // media time at which the one on air began
	uint64_t now_27mhz;     // media time, a moment ago
};

// The view as it lies between worker and main.
struct dp_period_window {
	atomic_uint serial;
	struct dp_period_view view;
};
