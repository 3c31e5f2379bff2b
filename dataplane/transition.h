// SPDX-License-Identifier: GPL-3.0-or-later
// A line-up on its way to the air, step by step. Main does what can be done beside the workers; what cannot goes to
// them as one order each.
//
//   for inputs that are to be joined with others, or were asked to move:
//     GIVING    the old worker sends what it has and lets go; the new one holds what comes from now on
//     PASSING   every worker has ended a pass: nobody hands anything to the old one any more
//     OLD       the old worker has passed on what had been handed to it
//     LAST      and ended that pass
//     NEW       the new worker has taken what was passed on
//     TAKING    it takes what it has held, and is the owner
//   for what differs:
//     CHANGING  the workers exchange what differs
//     FOUND     new inputs are found by their flow and old ones are not; every worker has ended a pass since
//     DRAINING  what had been handed over for inputs that went has been dropped
//     LEAVING   no worker looks at them any more, and no order for what went is on its way: their places are free
//
// Nothing can fail on the way: all memory is taken before the first step.
//
// Threads: main. Owns: all it holds until the transition is over.
// Errors: -ENOMEM.
#pragma once

#include "conf/conf.h"
#include "lineup/assign.h"
#include "lineup/diff.h"
#include "lineup/wire.h"
#include "worker/grace.h"
#include "worker/order.h"

struct dp_plant;

enum dp_step {
	DP_STEP_NONE, // nothing is on its way
	DP_STEP_NEXT, // the next move, or the change
	DP_STEP_GIVING,
	DP_STEP_PASSING,
	DP_STEP_OLD,
	DP_STEP_LAST,
	DP_STEP_NEW,
	DP_STEP_TAKING,
	DP_STEP_CHANGING,
	DP_STEP_FOUND,
	DP_STEP_DRAINING,
	DP_STEP_LEAVING,
	DP_STEPS
};

struct dp_transition {
	enum dp_step step;
	struct dp_conf *conf; // wanted; NULL: inputs move, and that is all
	struct dp_diff diff;
	struct dp_wires wires;
	struct dp_assign assign;
	struct dp_change change[DP_CONF_WORKERS_MAX];
	struct dp_roster roster[DP_CONF_WORKERS_MAX]; // one for each worker to exchange
	struct dp_order order[DP_CONF_WORKERS_MAX];
	bool asked[DP_CONF_WORKERS_MAX]; // it has the order
	struct dp_move move;
	unsigned from; // worker that gives
	struct dp_grace grace;
};

// Room for the transitions of this line-up. 0 or -ENOMEM.
int dp_transition_init(struct dp_transition *transition, const struct dp_lineup *lineup, unsigned workers);
void dp_transition_fini(struct dp_transition *transition, unsigned workers);

// Does all steps that can be done now.
void dp_transition_tend(struct dp_plant *plant);
