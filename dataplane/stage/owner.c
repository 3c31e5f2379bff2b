// SPDX-License-Identifier: GPL-3.0-or-later
#include "stage/owner.h"

#include "worker/mbufs.h"

static void park(struct dp_worker *worker, struct rte_mbuf *mbuf)
{
	if (worker->parked == DP_MBUFS_HANDOVER) {
		dp_drop_datagram(worker->stats.drops, mbuf, DP_DROP_HANDOVER_FULL);
		return;
	}
	dp_dgram_of(mbuf)->next = NULL;
	if (worker->parked++)
		dp_dgram_of(worker->parked_last)->next = mbuf;
	else
		worker->parked_first = mbuf;
	worker->parked_last = mbuf;
}

static void hand_over(struct dp_worker *worker, struct rte_mbuf *mbuf, unsigned to, bool passed)
{
	dp_dgram_of(mbuf)->passed = passed;
	if (rte_ring_enqueue(worker->workers[to].handover, mbuf))
		dp_drop_datagram(worker->stats.drops, mbuf, DP_DROP_HANDOVER_FULL);
	else
		dp_count(&worker->stats.handed_over, 1);
}

bool dp_owner_judge(struct dp_worker *worker, struct rte_mbuf *mbuf, bool handed)
{
	const struct dp_dgram *dgram = dp_dgram_of(mbuf);
	unsigned owner = atomic_load(&dgram->input->owner);

	if (owner == DP_OWNER_NONE)
		dp_drop_datagram(worker->stats.drops, mbuf, DP_DROP_NO_INPUT);
	else if (owner == (worker->index | DP_OWNER_HOLD) && handed && dgram->passed)
		return true;
	else if (owner == (worker->index | DP_OWNER_HOLD))
		park(worker, mbuf);
	else
		hand_over(worker, mbuf, owner & ~DP_OWNER_HOLD, handed);
	return false;
}

unsigned dp_owner_release(struct dp_worker *worker, struct rte_mbuf **mbufs, unsigned n)
{
	unsigned count = 0;

	for (; count < n && worker->parked; count++) {
		mbufs[count] = worker->parked_first;
		worker->parked_first = dp_dgram_of(worker->parked_first)->next;
		worker->parked--;
	}
	return count;
}
