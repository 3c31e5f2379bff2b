// SPDX-License-Identifier: GPL-3.0-or-later
#include "transition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_check.h>

#include "plant.h"
#include "worker/orders.h"

int dp_transition_init(struct dp_transition *transition, const struct dp_lineup *lineup, unsigned workers)
{
	for (unsigned i = 0; i < workers; i++)
		if (dp_roster_init(&transition->roster[i], lineup))
			return -ENOMEM;
	return 0;
}

void dp_transition_fini(struct dp_transition *transition, unsigned workers)
{
	for (unsigned i = 0; i < workers; i++)
		dp_roster_fini(&transition->roster[i]);
}

static void send(struct dp_plant *plant, unsigned worker, enum dp_order_kind kind)
{
	struct dp_transition *t = plant->transition;

	t->order[worker] = (struct dp_order){.kind = kind, .change = &t->change[worker], .move = &t->move};
	t->asked[worker] = true;
	CHECK(rte_ring_enqueue(plant->worker[worker].inbox, &t->order[worker]) == 0);
}

// True when no worker has an order of the transition.
static bool answered(struct dp_plant *plant)
{
	struct dp_transition *t = plant->transition;

	for (unsigned i = 0; i < plant->workers; i++)
		if (t->asked[i] && !atomic_load_explicit(&t->order[i].done, memory_order_acquire))
			return false;
	memset(t->asked, 0, sizeof(t->asked));
	return true;
}

static void begin_grace(struct dp_plant *plant)
{
	dp_grace_begin(&plant->transition->grace, plant->worker, plant->workers);
}

static bool passed(struct dp_plant *plant)
{
	return !plant->running || dp_grace_over(&plant->transition->grace, plant->worker, plant->workers);
}

static bool drained(struct dp_plant *plant, unsigned worker)
{
	return !plant->running || dp_grace_drained(&plant->transition->grace, &plant->worker[worker]);
}

// The input that is not where it is wanted, and with it all that go the same way; false when there is none.
static bool find_move(struct dp_plant *plant)
{
	struct dp_transition *t = plant->transition;
	struct dp_lineup *lineup = &plant->lineup;
	struct dp_move *move = &t->move;

	*move = (struct dp_move){.give = NULL};
	for (unsigned i = 0; i < lineup->inputs; i++) {
		struct dp_input *input = &lineup->input[i];
		unsigned to = t->assign.worker[i];

		if (!input->conf || input->worker == to)
			continue;
		if (move->inputs == 0) {
			move->to = to;
			t->from = input->worker;
		}
		if (move->to == to && t->from == input->worker)
			move->input[move->inputs++] = input;
	}
	return move->inputs != 0;
}

static bool moves(const struct dp_move *move, const struct dp_input *input)
{
	for (unsigned i = 0; i < move->inputs; i++)
		if (move->input[i] == input)
			return true;
	return false;
}

static bool has_group(const struct dp_move *move, const struct dp_group *group)
{
	for (unsigned i = 0; i < move->groups; i++)
		if (move->group[i] == group)
			return true;
	return false;
}

static bool has_port(const struct dp_move *move, const struct dp_port *port)
{
	for (unsigned i = 0; i < move->ports; i++)
		if (move->port[i] == port)
			return true;
	return false;
}

// What goes with the inputs. Periods for the groups wait meanwhile.
static void take_along(struct dp_plant *plant)
{
	struct dp_transition *t = plant->transition;
	struct dp_move *move = &t->move;

	for (unsigned i = 0; i < plant->lineup.services; i++) {
		struct dp_service *service = &plant->lineup.service[i];

		if (!service->conf || !moves(move, service->input))
			continue;
		if (service->group && !has_group(move, service->group)) {
			move->group[move->groups++] = service->group;
			service->group->worker = move->to;
			dp_controlled_park(&plant->controlled, (unsigned)(service->group - plant->lineup.group));
		}
	}
	for (unsigned i = 0; i < move->inputs; i++) {
		move->input[i]->worker = move->to;
		if (move->input[i]->port->offline && !has_port(move, move->input[i]->port))
			move->port[move->ports++] = move->input[i]->port;
	}
	move->give = &t->roster[t->from];
	move->take = &t->roster[move->to];
	dp_roster_fill(move->give, &plant->lineup, t->from);
	dp_roster_fill(move->take, &plant->lineup, move->to);
}

// Workers to which nothing comes and of which nothing differs are not asked.
static bool concerned(const struct dp_plant *plant, unsigned worker)
{
	const struct dp_transition *t = plant->transition;
	const struct dp_change *change = &t->change[worker];

	if (change->input || change->output || change->group || change->service || change->port)
		return true;
	for (unsigned i = 0; i < plant->lineup.inputs; i++)
		if (t->diff.input_fate[i] == DP_FATE_COMES && plant->lineup.input[i].worker == worker)
			return true;
	return false;
}

static void ask_for_change(struct dp_plant *plant)
{
	struct dp_transition *t = plant->transition;

	memset(t->change, 0, sizeof(t->change));
	dp_wires_settle(&t->wires, &plant->lineup, &t->diff, t->conf, &t->assign, plant->port, t->change);
	for (unsigned w = 0; w < plant->workers; w++) {
		t->change[w].roster = &t->roster[w];
		dp_wires_roster(&t->wires, &t->roster[w], &plant->lineup, &t->diff, w);
	}
	// A worker that has its order exchanges what main has looked at until now.
	for (unsigned w = 0; w < plant->workers; w++)
		if (concerned(plant, w))
			send(plant, w, DP_ORDER_CHANGE);
}

// Each step looks whether what it waits for is there, and then begins the next. True when it has.
static bool next(struct dp_plant *plant)
{
	struct dp_transition *t = plant->transition;

	if (find_move(plant)) {
		take_along(plant);
		send(plant, t->from, DP_ORDER_GIVE);
		t->step = DP_STEP_GIVING;
	} else if (t->conf) {
		ask_for_change(plant);
		t->step = DP_STEP_CHANGING;
	} else {
		t->step = DP_STEP_NONE;
	}
	return t->step != DP_STEP_NONE;
}

static bool to(struct dp_plant *plant, enum dp_step step)
{
	begin_grace(plant);
	plant->transition->step = step;
	return true;
}

static bool giving(struct dp_plant *plant)
{
	return answered(plant) && to(plant, DP_STEP_PASSING);
}

static bool passing(struct dp_plant *plant)
{
	return passed(plant) && to(plant, DP_STEP_OLD);
}

static bool old(struct dp_plant *plant)
{
	return drained(plant, plant->transition->from) && to(plant, DP_STEP_LAST);
}

static bool last(struct dp_plant *plant)
{
	return passed(plant) && to(plant, DP_STEP_NEW);
}

static bool new (struct dp_plant *plant)
{
	if (!drained(plant, plant->transition->move.to))
		return false;
	send(plant, plant->transition->move.to, DP_ORDER_TAKE);
	return to(plant, DP_STEP_TAKING);
}

static bool taking(struct dp_plant *plant)
{
	const struct dp_move *move = &plant->transition->move;

	if (!answered(plant))
		return false;
	for (unsigned i = 0; i < move->groups; i++)
		dp_controlled_unpark(&plant->controlled, (unsigned)(move->group[i] - plant->lineup.group));
	return to(plant, DP_STEP_NEXT);
}

static bool any_input(const struct dp_plant *plant)
{
	for (unsigned i = 0; i < plant->lineup.inputs; i++)
		if (plant->transition->diff.input_fate[i] == DP_FATE_GOES ||
		    plant->transition->diff.input_fate[i] == DP_FATE_COMES)
			return true;
	return false;
}

static bool changing(struct dp_plant *plant)
{
	struct dp_transition *t = plant->transition;

	if (!answered(plant))
		return false;
	if (!any_input(plant))
		return to(plant, DP_STEP_LEAVING);
	CHECK(dp_flows_publish(&plant->flows, &plant->lineup) == 0); // there is room for twice as many as there can be
	for (unsigned i = 0; i < plant->lineup.inputs; i++)
		if (t->diff.input_fate[i] == DP_FATE_COMES)
			dp_igmp_join(&plant->igmp, i);
		else if (t->diff.input_fate[i] == DP_FATE_GOES)
			dp_igmp_part(&plant->igmp, i);
	return to(plant, DP_STEP_FOUND);
}

static bool found(struct dp_plant *plant)
{
	return passed(plant) && to(plant, DP_STEP_DRAINING);
}

static bool draining(struct dp_plant *plant)
{
	for (unsigned w = 0; w < plant->workers; w++)
		if (!drained(plant, w))
			return false;
	return to(plant, DP_STEP_LEAVING);
}

static bool leaving(struct dp_plant *plant)
{
	struct dp_transition *t = plant->transition;

	if (!passed(plant) || !dp_plant_strip(plant))
		return false;
	dp_alarms_leave(&plant->alarms, &t->diff);
	dp_wires_finish(&t->wires, &plant->lineup, &t->diff);
	free(t->conf);
	t->conf = NULL;
	plant->built = true;
	t->step = DP_STEP_NONE;
	return false;
}

static bool (*const steps[DP_STEPS])(struct dp_plant *plant) = {
	[DP_STEP_NEXT] = next,         [DP_STEP_GIVING] = giving,     [DP_STEP_PASSING] = passing,
	[DP_STEP_OLD] = old,           [DP_STEP_LAST] = last,         [DP_STEP_NEW] = new,
	[DP_STEP_TAKING] = taking,     [DP_STEP_CHANGING] = changing, [DP_STEP_FOUND] = found,
	[DP_STEP_DRAINING] = draining, [DP_STEP_LEAVING] = leaving,
};

// Workers that do not run take no orders: main takes them in their place.
static void stand_in(struct dp_plant *plant)
{
	for (unsigned w = 0; !plant->running && w < plant->workers; w++)
		dp_worker_take_orders(&plant->worker[w]);
}

void dp_transition_tend(struct dp_plant *plant)
{
	struct dp_transition *t = plant->transition;

	do
		stand_in(plant);
	while (t->step != DP_STEP_NONE && steps[t->step](plant));
}
