// SPDX-License-Identifier: GPL-3.0-or-later
// Executes the ECMs of a scrambling group: says which one leaves now on media time.
//
// Three sets are at work: that of the next period, whose ECMs may begin before it; that of the period on air; and that
// of the period before, as far as its ECMs outlast it. On one PID the newest set that has begun is on air. An ECM that
// begins leaves at once; then it leaves every repetition_ms by its own schedule. Where media time has jumped over
// several repetitions it leaves once.
//
// One that begins before its period does so at the last reading of the clock before its time, not the first after
// it, so that it does not hold up the edge.
//
// Refs: ETSI TS 103 197 (delay_start, delay_stop, ECM_rep_period).
// Threads: the worker that owns the group. Owns: nothing; sets come from main and go back to it.
// Errors: none.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "carousel/ecm.h"

struct dp_period;

// The set of one period, and where its ECMs are.
struct dp_carousel_set {
	struct dp_ecm_set *ecms;   // NULL: none
	uint64_t begin_27mhz;      // of its period; of the next one it is reckoned anew
	uint64_t lead_until_27mhz; // for so long those that have begun before their period want it to wait
	struct {
		bool begun;          // it has left
		uint64_t next_27mhz; // media time at which it leaves again
	} ecm[DP_CONF_CA_MAX];
};

// All zero is one without ECMs.
struct dp_carousel {
	uint64_t due_27mhz;  // media time at which some ECM leaves; DP_PERIOD_NEVER: none
	uint64_t lead_27mhz; // at which some ECM of the next period begins early, or DP_PERIOD_NEVER
	struct dp_carousel_set next, current, previous;
	struct dp_ecm_set *unused; // goes back to main
};

// True when some ECM of the set has a negative start. `ecms` may be NULL.
bool dp_carousel_leads(const struct dp_ecm_set *ecms);

// Takes the set (GIVEN, or NULL) of the period that dp_period_accept has just taken, which is now the next or, when
// it began at once, the one on air. Gives back a set that is no longer used, or NULL.
struct dp_ecm_set *dp_carousel_accept(struct dp_carousel *carousel, const struct dp_period *period,
				      struct dp_ecm_set *ecms);

// Follows dp_period_flip.
void dp_carousel_flip(struct dp_carousel *carousel, const struct dp_period *period);

// True when some ECM leaves at the group's media time.
bool dp_carousel_due(const struct dp_carousel *carousel, const struct dp_period *period);

// The next ECM that leaves now, its set in *ecms; NULL when there is no more. Tells the period what its ECMs want.
const struct dp_ecm *dp_carousel_take(struct dp_carousel *carousel, struct dp_period *period,
				      const struct dp_ecm_set **ecms);
