// SPDX-License-Identifier: GPL-3.0-or-later
// Whose a datagram is that came, also while its input moves from one worker to another:
//
//   the old worker   has sent what it had, and passes on what others had handed to it before they knew
//   the new worker   takes at once what was passed on, and holds in order what comes to it directly, which is younger;
//                    when all that was passed on has been taken, it takes that too
//
// Threads: the worker's; input->owner is written by the workers that give and take, and read by all.
// Errors: none; a full ring drops by name.
#pragma once

#include "stage/stage.h"

// Of a datagram that is not simply the worker's own: true when it is taken now, otherwise it has gone its way.
bool dp_owner_judge(struct dp_worker *worker, struct rte_mbuf *mbuf, bool handed);

// True when the worker takes the datagram now. `handed`: it came from another worker.
static inline bool dp_owner_takes(struct dp_worker *worker, struct rte_mbuf *mbuf, bool handed)
{
	return atomic_load(&dp_dgram_of(mbuf)->input->owner) == worker->index || dp_owner_judge(worker, mbuf, handed);
}

// Takes from the front of what is parked: up to `n` datagrams. Returns how many.
unsigned dp_owner_release(struct dp_worker *worker, struct rte_mbuf **mbufs, unsigned n);
