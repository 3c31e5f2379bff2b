// SPDX-License-Identifier: GPL-3.0-or-later
// What main asks of a worker, through its inbox; it comes back through its `spare` ring, done or refused.
//
// Threads: main fills and enqueues; the worker executes between two passes, writes `error`, scrubs the control word and
//          enqueues it back. What is GIVEN with it changes hands both ways: an order comes back holding what the worker
//          no longer uses, or what it refused.
// Owns: nothing; orders lie in the key arena because of the control word.
// Errors: in `error`: -errno.
#pragma once

#include <stdint.h>

#include "carousel/ecm.h"
#include "conf/conf.h"
#include "period/period.h"

enum dp_order_kind {
	DP_ORDER_PERIOD,  // `period`, with `ecms` GIVEN; comes back with a set to use again, or NULL
	DP_ORDER_SERVICE, // `conf` GIVEN: the transform of `service` from now on; comes back with the one before
};

struct dp_order {
	enum dp_order_kind kind;
	int error;
	struct dp_period_msg period;
	struct dp_ecm_set *ecms; // NULL: the period has none
	uint16_t service;
	const struct dp_conf_service *conf;
};
