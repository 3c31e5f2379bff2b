// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/orders.h"

#include <errno.h>

#include <base_secret.h>

#include "fault/fault.h"
#include "worker/worker.h"

static int take_period(struct dp_worker *worker, struct dp_order *order)
{
	struct dp_period_msg *msg = &order->period;

	if (DP_FAULT(WRONG_CW))
		msg->cw[0] ^= 0x10;
	return dp_period_accept(&worker->lineup->group[msg->group].period, msg);
}

static int take(struct dp_worker *worker, struct dp_order *order)
{
	switch (order->kind) {
	case DP_ORDER_PERIOD:
		return take_period(worker, order);
	case DP_ORDER_SERVICE:
		return -ENOTSUP;
	}
	return -EINVAL;
}

void dp_worker_take_orders(struct dp_worker *worker)
{
	void *taken;

	while (rte_ring_dequeue(worker->inbox, &taken) == 0) {
		struct dp_order *order = taken;

		order->error = take(worker, order);
		base_secret_scrub(order->period.cw, sizeof(order->period.cw));
		rte_ring_enqueue(worker->spare, order);
	}
}
