// SPDX-License-Identifier: GPL-3.0-or-later
// The `controlled` source of control words: the periods of a controller, as orders to the workers and back, and the
// words that are held in trust meanwhile.
//
// Of each group at most one period is on its way to the worker.
//
// Refs: dataplane/api/dp_msg.h (PERIOD), worker/order.h.
// Threads: main. Owns: orders and held words, in the key arena; ECM sets on the heap, those that the workers have
//          included, so the workers have ended before fini.
// Errors: -EBUSY when a period is on its way, -EINVAL and -ENOSPC of the ECMs (source/cut.h), -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dp_msg.h>

#include "arena/arena.h"
#include "period/period.h"
#include "source/held.h"

struct dp_lineup;
struct dp_worker;
struct dp_order;
struct dp_ecm_set;

struct dp_controlled_group {
	struct dp_held *held; // in the arena
	bool in_flight;       // a period is with the worker
	int refused;          // -errno: the worker refused the period `refused_cp_number`; whoever tells of it sets 0
	uint16_t refused_cp_number;
	bool parked;                // the group moves to another worker: its period waits here
	struct dp_order *waits;     // the period that does; NULL: none
	struct dp_period_view view; // as it was seen last
};

// Orders that no worker has.
struct dp_controlled_orders {
	unsigned n;
	struct dp_order **at;
};

struct dp_controlled {
	struct dp_lineup *lineup;
	struct dp_worker *workers;
	unsigned workers_n;
	struct dp_controlled_group *group;
	struct dp_controlled_orders *orders;
	unsigned sets, sets_max, free_sets;
	struct dp_ecm_set **set, **free_set;
	unsigned refusals; // groups with `refused`
	unsigned in_flight;
	unsigned look_turn; // group that is looked at next
};

// Arena bytes for this line-up and so many workers.
size_t dp_controlled_arena_bytes(const struct dp_lineup *lineup, unsigned workers);

// All pointers BORROWED for the source's life.
int dp_controlled_init(struct dp_controlled *source, struct dp_lineup *lineup, struct dp_worker *workers, unsigned n,
		       struct dp_arena *arena);
void dp_controlled_fini(struct dp_controlled *source);

// Sends a period (BORROWED; numbers in range, the group is one of the line-up's) to the worker of its group.
int dp_controlled_period(struct dp_controlled *source, unsigned group, const struct dp_msg_period *period);

// The group moves between workers: its periods wait until it has arrived.
void dp_controlled_park(struct dp_controlled *source, unsigned group);
void dp_controlled_unpark(struct dp_controlled *source, unsigned group);

// The group has gone from its worker: takes back its ECM sets, wipes what is held of it. False while a period of it is
// on its way: ask again.
bool dp_controlled_leave(struct dp_controlled *source, unsigned group);

// Takes back what the workers have done, sends what waits, and looks at some of the groups.
void dp_controlled_poll(struct dp_controlled *source);

// Looks at one group now.
void dp_controlled_look(struct dp_controlled *source, unsigned group);
