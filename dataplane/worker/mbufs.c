// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/mbufs.h"

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "port/port.h"
#include "worker/worker.h"

enum {
	WAITING_MIN = 1024,
	HANDOVER_SHARE = 512, // of a ring that is not the one running full
	IN_FLIGHT = DP_PORT_TX_DESCRIPTORS + 256,
	SMALL_PAGE_BYTES = 4096,
	QUEUES_BYTES = 256 * 1024, // of a NIC's descriptors, both ways
	WORKER_BYTES = 512 * 1024, // of its rings
	BASE_MIB = 4,              // of the EAL and tables
};

#define LAST_FIRST "lf_stack"

// Only a NIC's receive ring holds buffers of the pool while nothing comes: other drivers copy into a fresh one.
static uint32_t rx_queues(const struct dp_conf *conf)
{
	uint32_t queues = 0;

	for (unsigned i = 0; i < conf->ports; i++)
		if (conf->port[i].driver == DP_PORT_PCI)
			queues += conf->workers;
	return queues;
}

uint32_t dp_mbufs_rx(const struct dp_conf *conf)
{
	uint32_t worker = DP_ALGORITHMS * DP_CIPHER_LANES_MAX + 2 * DP_MBUFS_CACHE + 2 * DP_BURST;
	uint32_t mbufs = rx_queues(conf) * DP_PORT_RX_DESCRIPTORS + conf->workers * worker;

	// One worker that falls behind fills its ring; the others must not feel it.
	if (conf->workers > 1)
		mbufs += DP_MBUFS_HANDOVER + (conf->workers - 1) * HANDOVER_SHARE;
	// Each packet that an output holds may keep a datagram of its own.
	return mbufs + dp_conf_capacity(conf).outputs * DP_DGRAM_SLOTS;
}

uint32_t dp_mbufs_waiting(const struct dp_conf *conf)
{
	return rte_align32pow2(WAITING_MIN + 4 * dp_conf_capacity(conf).outputs);
}

uint32_t dp_mbufs_tx(const struct dp_conf *conf)
{
	return dp_mbufs_waiting(conf) + dp_conf_capacity(conf).outputs + 2 * DP_MBUFS_CACHE + conf->ports * IN_FLIGHT;
}

struct rte_mempool *dp_mbufs_pool(const struct dp_conf *conf, const char *name, uint32_t mbufs, struct base_errs *errs)
{
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create_by_ops(name, mbufs, DP_MBUFS_CACHE,
					       RTE_ALIGN(sizeof(struct dp_dgram), RTE_MBUF_PRIV_ALIGN),
					       RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, LAST_FIRST);

	if (!pool && rte_errno == EINVAL) // of the driver's name; what lacks memory says otherwise
		base_errs_add(errs, "/memory", "no packet buffers: DPDK has no mempool driver \"%s\" here", LAST_FIRST);
	else if (!pool)
		base_errs_add(errs, "/memory/mib",
			      "not enough memory for packet buffers: about %u MiB are needed, not %u",
			      dp_mbufs_mib(conf), conf->memory_mib);
	return pool;
}

// A buffer with all that DPDK puts around it. None crosses a page that may lie anywhere in memory, so of small pages
// each takes one to itself.
static uint64_t mbuf_bytes(const struct dp_conf *conf)
{
	uint32_t element = sizeof(struct rte_mbuf) + RTE_ALIGN(sizeof(struct dp_dgram), RTE_MBUF_PRIV_ALIGN) +
			   RTE_MBUF_DEFAULT_BUF_SIZE;
	uint64_t bytes = rte_mempool_calc_obj_size(element, 0, NULL);

	return (conf->hugepages ? bytes : RTE_ALIGN(bytes, SMALL_PAGE_BYTES)) + 2 * sizeof(void *);
}

unsigned dp_mbufs_mib(const struct dp_conf *conf)
{
	uint64_t mbuf = mbuf_bytes(conf), pool = RTE_MAX_LCORE * sizeof(struct rte_mempool_cache);
	uint64_t bytes = dp_mbufs_rx(conf) * mbuf + pool + rx_queues(conf) * QUEUES_BYTES;

	bytes += conf->workers * (dp_mbufs_tx(conf) * mbuf + pool + WORKER_BYTES);
	return (unsigned)((bytes + bytes / 16) >> 20) + BASE_MIB;
}
