// SPDX-License-Identifier: GPL-3.0-or-later
// The table by which received datagrams find their input. It is never written while workers read it: there are two, the
// one that nobody reads is filled anew, and then it takes the other's place.
//
// Threads: main fills and publishes; a worker looks at the published one anew in every pass. After a publication main
//          lets every worker end a pass (worker/grace.h) before it publishes again.
// Owns: both tables. Errors: -ENOMEM.
#pragma once

#include <stdatomic.h>

#include <rte_hash.h>

struct dp_lineup;

struct dp_flows {
	struct rte_hash *table[2];
	struct rte_hash *_Atomic now; // struct dp_flow (stage/frame.h) -> struct dp_input
};

int dp_flows_open(struct dp_flows *flows);
void dp_flows_close(struct dp_flows *flows);

// The inputs of the line-up that have an owner are found from now on, and no others.
int dp_flows_publish(struct dp_flows *flows, const struct dp_lineup *lineup);
