// SPDX-License-Identifier: GPL-3.0-or-later
// Execution of crypto-periods: one message carries one period, is taken whole or not at all, and starts at its edge
// on media time. A period whose successor is not there goes on until it is.
//
// A period begins at the later of its flip point, the end of the period on air, and the moment at which each of its
// ECMs with a negative start has been on air for that long. The first of a group follows the same rule; nothing of
// the group leaves before it.
//
// Refs: ETSI TS 103 197 (CP_number, crypto-period, delay_start); ETSI TS 100 289.
// Threads: the worker that owns the group, alone, but for what is marked "main reads".
// Owns: the group's key slot.
// Errors: -EBUSY when a next period is already there, -EINVAL for a message that does not fit the group.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <dp_stats.h>

#include "keyslot/keyslot.h"
#include "period/media_clock.h"
#include "period/view.h"

// An ECM that is on air this much late does not move the edge off its schedule: PCRs are up to 100 ms apart
// (ISO/IEC 13818-1 clause 2.4.2.2).
#define DP_PERIOD_SLACK_27MHZ (27000000 / 10)
// In place of a media time: not known, or never.
#define DP_PERIOD_NEVER UINT64_MAX

// One crypto-period, from whoever makes control words. Lives in the key arena; wiped by the taker.
struct dp_period_msg {
	uint16_t group; // index in the line-up
	uint16_t cp_number;
	bool last;         // no successor will come: hold this one
	bool lead;         // some ECM of it has a negative start; the worker finds out
	uint8_t algorithm; // enum dp_algorithm
	uint8_t cw_bytes;
	uint8_t cw[DP_CW_MAX_BYTES];
	uint64_t flip_27mhz;     // media time before which it does not begin; 0: none
	uint64_t duration_27mhz; // 0: never ends by time
};

// What every packet touches comes first: the object begins a cache line.
struct dp_period {
	struct dp_keyslot slot;
	atomic_bool running; // main reads
	bool on_air;         // packets of the group have come: its media time may run
	bool offline;        // fed by files: no wall clock, and input waits for whole periods
	struct dp_media_clock media;
	uint64_t started_27mhz;  // media time of the current period's edge
	uint64_t duration_27mhz; // of the current one; 0: no end
	uint64_t next_duration_27mhz;
	uint64_t next_flip_27mhz;
	uint64_t lead_until_27mhz; // before which the ECMs of the next want it not to begin; DP_PERIOD_NEVER: not all
				   // of those with a negative start are on air; the carousel writes
	uint16_t cp_number;
	uint16_t next_cp_number;
	bool last, next_last;
	bool next_ecm_on_air;           // the carousel writes
	bool ecm_on_air;                // the carousel writes
	atomic_bool extending;          // the current period is past its end; main reads
	struct dp_group_stats stats;    // main reads
	struct dp_period_window window; // main reads
} __attribute__((aligned(64)));

// Takes a message as the next period. When none runs and nothing is to be waited for, it begins at once.
// `ops` are those of its algorithm, `scratch` is the worker's for them; BORROWED.
// The CW is in the key slot afterwards; the caller wipes the message whatever the result.
int dp_period_accept(struct dp_period *period, const struct dp_period_msg *msg, const struct dp_cipher_ops *ops,
		     void *scratch);

// Media time at which the next period, which has been accepted, is to begin by its flip point and by the end of the
// one on air. DP_PERIOD_NEVER when that one has no end.
uint64_t dp_period_edge(const struct dp_period *period);

// True when the edge has been reached and the next period is whole: call dp_period_flip between two packets.
// Counts the extension when the edge has been reached and it is not.
bool dp_period_due(struct dp_period *period);

// Starts the next period. No lane and no held packet may name the previous key.
void dp_period_flip(struct dp_period *period);

// The algorithm on air; `before` while nothing has been on air.
static inline enum dp_algorithm dp_period_algorithm(const struct dp_period *period, enum dp_algorithm before)
{
	return period->running ? (enum dp_algorithm)dp_keyslot_current(&period->slot)->algorithm : before;
}

// True when the previous key is still there and half the current period is over: it may go.
bool dp_period_stale(const struct dp_period *period);

// Shows main where the group is, when anything but the time has changed or 20 ms of it have gone by.
void dp_period_publish(struct dp_period *period);

// Main: where the group is.
void dp_period_view_read(const struct dp_period *period, struct dp_period_view *out);

// For offline inputs: true when reading may go on, because the period after this one is whole or none will come.
static inline bool dp_period_ready(const struct dp_period *period)
{
	return period->running && (period->slot.have_next || period->last || period->duration_27mhz == 0);
}
