// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/controlled.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_check.h>
#include <base_secret.h>

#include "lineup/lineup.h"
#include "source/cut.h"
#include "worker/order.h"
#include "worker/worker.h"

enum {
	SETS_PER_GROUP = 4, // on air, next, on its way, and one that goes
	LOOKS_PER_POLL = 128,
};

size_t dp_controlled_arena_bytes(const struct dp_lineup *lineup, unsigned workers)
{
	return workers * lineup->groups * dp_arena_cost(sizeof(struct dp_order)) +
	       lineup->groups * dp_arena_cost(sizeof(struct dp_held));
}

static int make_orders(struct dp_controlled *source, struct dp_arena *arena)
{
	unsigned n = source->lineup->groups; // one for the period of each

	source->orders = calloc(source->workers_n, sizeof(*source->orders));
	if (!source->orders)
		return -ENOMEM;
	for (unsigned w = 0; w < source->workers_n; w++) {
		struct dp_controlled_orders *orders = &source->orders[w];

		orders->at = calloc(n + 1, sizeof(struct dp_order *));
		if (!orders->at)
			return -ENOMEM;
		for (; orders->n < n; orders->n++) {
			orders->at[orders->n] = dp_arena_take(arena, sizeof(struct dp_order));
			if (!orders->at[orders->n])
				return -ENOMEM;
		}
	}
	return 0;
}

static int make_groups(struct dp_controlled *source, struct dp_arena *arena)
{
	unsigned groups = source->lineup->groups;

	source->sets_max = SETS_PER_GROUP * groups;
	source->group = calloc(groups + 1, sizeof(*source->group));
	source->set = calloc(source->sets_max + 1, sizeof(struct dp_ecm_set *));
	source->free_set = calloc(source->sets_max + 1, sizeof(struct dp_ecm_set *));
	if (!source->group || !source->set || !source->free_set)
		return -ENOMEM;
	for (unsigned i = 0; i < groups; i++) {
		source->group[i].held = dp_arena_take(arena, sizeof(struct dp_held));
		if (!source->group[i].held)
			return -ENOMEM;
	}
	return 0;
}

int dp_controlled_init(struct dp_controlled *source, struct dp_lineup *lineup, struct dp_worker *workers, unsigned n,
		       struct dp_arena *arena)
{
	*source = (struct dp_controlled){.lineup = lineup, .workers = workers, .workers_n = n};
	int rc = make_orders(source, arena);

	if (!rc)
		rc = make_groups(source, arena);
	if (rc)
		dp_controlled_fini(source);
	return rc;
}

void dp_controlled_fini(struct dp_controlled *source)
{
	for (unsigned w = 0; source->orders && w < source->workers_n; w++)
		free(source->orders[w].at);
	for (unsigned i = 0; i < source->sets; i++)
		free(source->set[i]);
	free(source->orders);
	free(source->group);
	free(source->set);
	free(source->free_set);
	*source = (struct dp_controlled){0};
}

static struct dp_order *take_order(struct dp_controlled *source, unsigned worker)
{
	struct dp_controlled_orders *orders = &source->orders[worker];

	CHECK(orders->n);
	return orders->at[--orders->n];
}

static void leave_order(struct dp_controlled *source, unsigned worker, struct dp_order *order)
{
	struct dp_controlled_orders *orders = &source->orders[worker];

	base_secret_scrub(order, sizeof(*order));
	orders->at[orders->n++] = order;
}

// The rings take more orders than there are.
static void send_order(struct dp_controlled *source, unsigned worker, struct dp_order *order)
{
	CHECK(rte_ring_enqueue(source->workers[worker].inbox, order) == 0);
	source->in_flight++;
}

// A group needs no more than so many; they are made when first needed.
static struct dp_ecm_set *take_set(struct dp_controlled *source)
{
	if (source->free_sets)
		return source->free_set[--source->free_sets];
	if (source->sets == source->sets_max)
		return NULL;
	struct dp_ecm_set *set = calloc(1, sizeof(*set));

	if (set)
		source->set[source->sets++] = set;
	return set;
}

static void leave_set(struct dp_controlled *source, struct dp_ecm_set *set)
{
	if (set)
		source->free_set[source->free_sets++] = set;
}

static void fill(struct dp_order *order, unsigned group, const struct dp_msg_period *period, struct dp_ecm_set *set)
{
	*order = (struct dp_order){.kind = DP_ORDER_PERIOD, .ecms = set};
	order->period.group = (uint16_t)group;
	order->period.cp_number = period->cp_number;
	order->period.algorithm = (uint8_t)dp_algorithm_of_mode(period->scrambling_mode);
	order->period.cw_bytes = period->cw_bytes;
	order->period.flip_27mhz = period->flip_27mhz;
	order->period.duration_27mhz = period->duration_27mhz;
	memcpy(order->period.cw, period->cw[0], period->cw_bytes);
}

int dp_controlled_period(struct dp_controlled *source, unsigned group, const struct dp_msg_period *period)
{
	struct dp_controlled_group *state = &source->group[group];
	unsigned worker = source->lineup->group[group].worker;
	struct dp_ecm_set *set = NULL;

	if (state->in_flight)
		return -EBUSY;
	if (period->ecms) {
		set = take_set(source);
		int rc = set ? dp_ecm_set_cut(set, period) : -ENOMEM;

		if (rc) {
			leave_set(source, set);
			return rc;
		}
	}
	struct dp_order *order = take_order(source, worker);

	fill(order, group, period, set);
	dp_held_send(state->held, period);
	state->in_flight = true;
	if (state->parked)
		state->waits = order;
	else
		send_order(source, worker, order);
	return 0;
}

void dp_controlled_park(struct dp_controlled *source, unsigned group)
{
	source->group[group].parked = true;
}

void dp_controlled_unpark(struct dp_controlled *source, unsigned group)
{
	struct dp_controlled_group *state = &source->group[group];

	state->parked = false;
	if (state->waits)
		send_order(source, source->lineup->group[group].worker, state->waits);
	state->waits = NULL;
}

static void period_back(struct dp_controlled *source, const struct dp_order *order)
{
	struct dp_controlled_group *group = &source->group[order->period.group];

	leave_set(source, order->ecms);
	group->in_flight = false;
	if (order->error == 0) {
		dp_held_taken(group->held);
		return;
	}
	dp_held_refused(group->held);
	source->refusals += group->refused == 0;
	group->refused = order->error;
	group->refused_cp_number = order->period.cp_number;
}

static void take_back(struct dp_controlled *source, unsigned worker)
{
	void *taken;

	while (rte_ring_dequeue(source->workers[worker].spare, &taken) == 0) {
		struct dp_order *order = taken;

		source->in_flight--;
		period_back(source, order);
		leave_order(source, worker, order);
	}
}

bool dp_controlled_leave(struct dp_controlled *source, unsigned group)
{
	struct dp_controlled_group *state = &source->group[group];
	struct dp_carousel *carousel = &source->lineup->group[group].carousel;

	// Its period may have gone to the worker that had it before it moved.
	for (unsigned w = 0; w < source->workers_n; w++)
		take_back(source, w);
	if (state->in_flight)
		return false;
	leave_set(source, carousel->next.ecms);
	leave_set(source, carousel->current.ecms);
	leave_set(source, carousel->previous.ecms);
	leave_set(source, carousel->unused);
	*carousel = (struct dp_carousel){0};
	base_secret_scrub(state->held, sizeof(*state->held));
	source->refusals -= state->refused != 0;
	*state = (struct dp_controlled_group){.held = state->held};
	return true;
}

void dp_controlled_look(struct dp_controlled *source, unsigned group)
{
	struct dp_controlled_group *state = &source->group[group];

	dp_period_view_read(&source->lineup->group[group].period, &state->view);
	if (state->view.running)
		dp_held_on_air(state->held, state->view.cp_number);
}

void dp_controlled_poll(struct dp_controlled *source)
{
	unsigned groups = source->lineup->groups;

	for (unsigned w = 0; w < source->workers_n; w++)
		take_back(source, w);
	for (unsigned i = 0; i < LOOKS_PER_POLL && i < groups; i++) {
		source->look_turn = (source->look_turn + 1) % groups;
		if (!dp_group_free(&source->lineup->group[source->look_turn]))
			dp_controlled_look(source, source->look_turn);
	}
}
