// SPDX-License-Identifier: GPL-3.0-or-later
// What main asks of a worker, through its inbox; it comes back through its `spare` ring, done or refused.
//
// Threads: main fills and enqueues; the worker executes between two passes, writes `error`, scrubs the control word and
//          enqueues it back. What is GIVEN with it changes hands both ways: an order comes back holding what the worker
//          no longer uses, or what it refused.
// Owns: nothing; orders lie in the key arena because of the control word.
// Errors: in `error`: -errno. A change and a move cannot fail: main has prepared all that they need.
#pragma once

#include <stdint.h>

#include "carousel/ecm.h"
#include "conf/conf.h"
#include "lineup/wire.h"
#include "period/period.h"

enum dp_order_kind {
	DP_ORDER_PERIOD, // `period`, with `ecms` GIVEN; comes back with a set to use again, or NULL
	DP_ORDER_CHANGE, // `change`: what differs in the line-up is exchanged
	DP_ORDER_GIVE,   // `move`: its inputs are another worker's from now on
	DP_ORDER_TAKE,   // `move`: its inputs are this worker's
};

// Inputs that go from one worker to another with all that belongs to them.
struct dp_move {
	unsigned to;
	unsigned inputs, groups, ports;
	struct dp_input *input[DP_LINEUP_INPUTS_MAX];
	struct dp_group *group[DP_LINEUP_GROUPS_MAX];
	struct dp_port *port[DP_CONF_PORTS_MAX]; // offline ones
	struct dp_roster *give, *take;           // exchanged with the workers'
};

struct dp_order {
	enum dp_order_kind kind;
	int error;
	struct dp_period_msg period;
	struct dp_ecm_set *ecms; // NULL: the period has none
	struct dp_change *change;
	struct dp_move *move;
	atomic_bool done; // of a change or a move: it holds no secret and is not in the arena, and this is how it comes
			  // back
};
