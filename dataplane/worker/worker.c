// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_lcore.h>

#include "worker/mbufs.h"

enum {
	OUTBOX_FRAMES = 1024,
	ORDERS_PER_GROUP = 4,
	HOUSEKEEPING_US = 1000,
};

static uint32_t power_of_two(uint32_t n)
{
	uint32_t power = 1;

	while (power < n)
		power <<= 1;
	return power;
}

size_t dp_worker_arena_bytes(const struct dp_choice *ciphers)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < DP_ALGORITHMS; i++)
		bytes += dp_choice_arena_bytes(ciphers->ops[i]);
	return bytes;
}

static struct rte_ring *make_ring(const char *what, unsigned index, unsigned entries, unsigned flags)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%s%u", what, index);
	return rte_ring_create(name, power_of_two(entries + 1), SOCKET_ID_ANY, flags);
}

static int make_rings(struct dp_worker *worker)
{
	unsigned orders = ORDERS_PER_GROUP * (worker->lineup->groups + 1);

	worker->handover = make_ring("handover", worker->index, DP_MBUFS_HANDOVER, RING_F_SC_DEQ);
	worker->inbox = make_ring("inbox", worker->index, orders, RING_F_SP_ENQ | RING_F_SC_DEQ);
	worker->spare = make_ring("spare", worker->index, orders, RING_F_SP_ENQ | RING_F_SC_DEQ);
	worker->outbox = make_ring("outbox", worker->index, OUTBOX_FRAMES, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return worker->handover && worker->inbox && worker->spare && worker->outbox ? 0 : -ENOMEM;
}

// The ring takes every buffer of the pool, so that no burst can overrun it.
static int make_buffers(struct dp_worker *worker, struct base_errs *errs)
{
	uint32_t mbufs = dp_mbufs_tx(worker->conf), entries = power_of_two(mbufs);
	char name[32];

	worker->closed = calloc(entries, sizeof(struct rte_mbuf *));
	worker->closed_mask = entries - 1;
	worker->closed_many = dp_mbufs_waiting(worker->conf) / 2;
	snprintf(name, sizeof(name), "tx%u", worker->index);
	worker->tx_pool = dp_mbufs_pool(worker->conf, name, mbufs, errs);
	return worker->closed && worker->tx_pool ? 0 : -ENOMEM;
}

int dp_worker_init(struct dp_worker *worker, struct dp_arena *arena, struct base_errs *errs)
{
	int rc = make_rings(worker);

	if (!rc)
		rc = dp_roster_init(&worker->roster, worker->lineup);

	worker->housekeeping_ticks = base_clock_ticks(worker->clock, HOUSEKEEPING_US);
	ts_packet_null(worker->null_packet);
	worker->batch_wait_ticks = base_clock_ticks(worker->clock, worker->conf->batch_wait_us);
	worker->source_hold_ticks = base_clock_ticks(worker->clock, UINT64_C(1000) * worker->conf->source_hold_ms);
	if (!rc)
		rc = make_buffers(worker, errs);
	if (rc) {
		if (base_errs_none(errs))
			base_errs_add(errs, "/memory/mib",
				      "not enough memory for worker %u: about %u MiB are needed, not %u", worker->index,
				      dp_mbufs_mib(worker->conf), worker->conf->memory_mib);
		return rc;
	}
	for (unsigned i = 0; i < DP_ALGORITHMS && !rc; i++) {
		struct dp_batch *batch = &worker->batch[i];

		batch->ops = worker->ciphers->ops[i];
		batch->serial = 1;
		rc = dp_choice_set_up(batch->ops, arena, &batch->scratch, errs);
	}
	return rc;
}

void dp_worker_fini(struct dp_worker *worker)
{
	for (unsigned i = 0; i < DP_ALGORITHMS; i++)
		if (worker->batch[i].scratch)
			worker->batch[i].ops->fini(worker->batch[i].scratch);
	rte_ring_free(worker->handover);
	rte_ring_free(worker->inbox);
	rte_ring_free(worker->spare);
	rte_ring_free(worker->outbox);
	rte_mempool_free(worker->tx_pool);
	dp_roster_fini(&worker->roster);
	free(worker->closed);
}
