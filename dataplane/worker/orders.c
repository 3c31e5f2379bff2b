// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/orders.h"

#include <errno.h>

#include <base_secret.h>

#include "fault/fault.h"
#include "stage/stage.h"
#include "worker/change.h"

// What orders may cost between two passes, so that no receive queue runs over meanwhile. A change makes tables of all
// PIDs anew.
enum { COST_MAX = 128, PERIOD_COST = 1 };

// True when the set can be executed; main makes no others.
static bool sound(const struct dp_ecm_set *ecms)
{
	if (ecms->n > DP_CONF_CA_MAX || ecms->pkts > DP_ECM_PKTS_MAX)
		return false;
	for (unsigned i = 0; i < ecms->n; i++) {
		const struct dp_ecm *ecm = &ecms->ecm[i];

		if (ecm->repetition_ms == 0 || ecm->pid <= TS_PID_SI_LAST || ecm->pid >= TS_PID_NULL ||
		    ecm->first_pkt + ecm->pkts > ecms->pkts)
			return false;
	}
	return true;
}

// Of a file nothing is read before the first period has begun: its ECM leaves before the first packet.
static int take_period(struct dp_worker *worker, struct dp_order *order)
{
	struct dp_period_msg *msg = &order->period;
	struct dp_group *group = &worker->lineup->group[msg->group];

	if (msg->algorithm >= DP_ALGORITHMS || (order->ecms && !sound(order->ecms))) {
		dp_count(&group->period.stats.messages_refused, 1);
		return -EINVAL;
	}
	if (DP_FAULT(WRONG_CW))
		msg->cw[0] ^= 0x10;
	msg->lead = dp_carousel_leads(order->ecms);
	bool first = !group->period.running;
	const struct dp_batch *batch = &worker->batch[msg->algorithm];
	int rc = dp_period_accept(&group->period, msg, batch->ops, batch->scratch);

	if (rc)
		return rc;
	order->ecms = dp_carousel_accept(&group->carousel, &group->period, order->ecms);
	if (first && dp_period_algorithm(&group->period, group->algorithm) != group->algorithm)
		dp_stage_announce(worker, group);
	if (group->period.offline && first)
		dp_stage_advance(worker, group);
	return 0;
}

static int take(struct dp_worker *worker, struct dp_order *order)
{
	switch (order->kind) {
	case DP_ORDER_PERIOD:
		return take_period(worker, order);
	case DP_ORDER_CHANGE:
		dp_worker_change(worker, order->change);
		return 0;
	case DP_ORDER_GIVE:
		dp_worker_give(worker, order->move);
		return 0;
	case DP_ORDER_TAKE:
		dp_worker_take(worker, order->move);
		return 0;
	}
	return -EINVAL;
}

static unsigned cost_of(const struct dp_order *order)
{
	return order->kind == DP_ORDER_PERIOD ? PERIOD_COST : COST_MAX;
}

void dp_worker_take_orders(struct dp_worker *worker)
{
	unsigned cost = 0;
	void *taken;

	while (cost < COST_MAX && rte_ring_dequeue(worker->inbox, &taken) == 0) {
		struct dp_order *order = taken;

		cost += cost_of(order);
		order->error = take(worker, order);
		if (order->kind != DP_ORDER_PERIOD) {
			atomic_store_explicit(&order->done, true, memory_order_release);
			continue;
		}
		base_secret_scrub(order->period.cw, sizeof(order->period.cw));
		rte_ring_enqueue(worker->spare, order);
	}
}
