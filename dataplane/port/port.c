// SPDX-License-Identifier: GPL-3.0-or-later
#include "port/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "port/carrier.h"
#include "port/file.h"

static unsigned ethdev_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	return rte_eth_rx_burst(port->ethdev, queue, mbufs, (uint16_t)n);
}

static unsigned ethdev_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	return rte_eth_tx_burst(port->ethdev, queue, mbufs, (uint16_t)n);
}

static bool ethdev_ended(const struct dp_port *port)
{
	(void)port;
	return false;
}

static int ethdev_close(struct dp_port *port)
{
	int rc = rte_eth_dev_stop(port->ethdev);

	rte_eth_dev_close(port->ethdev);
	return rc;
}

static void ethdev_read(struct dp_port *port)
{
	struct rte_eth_stats stats;

	if (rte_eth_stats_get(port->ethdev, &stats) == 0)
		port->stats = (struct dp_port_stats){.rx_datagrams = stats.ipackets,
						     .tx_datagrams = stats.opackets,
						     .missed = stats.imissed,
						     .no_buffer = stats.rx_nombuf,
						     .errors = stats.ierrors + stats.oerrors};
}

static const struct dp_port_ops ethdev_ops = {
	.rx = ethdev_rx, .tx = ethdev_tx, .ended = ethdev_ended, .close = ethdev_close, .read = ethdev_read};

// Each worker has a receive and a transmit queue of its own, but where the device has only one.
static int count_queues(struct dp_port *port, const struct dp_conf *conf, const struct rte_eth_dev_info *info,
			const char *where, struct base_errs *errs)
{
	uint16_t want = port->offline ? 1 : (uint16_t)conf->workers;

	port->rx_queues = info->max_rx_queues < want ? info->max_rx_queues : want;
	if (info->max_tx_queues < want) {
		base_errs_add(errs, where, "the device has %u transmit queues, %u workers need one each",
			      info->max_tx_queues, want);
		return -ENOTSUP;
	}
	port->tx_queues = want;
	return 0;
}

static int setup_queues(struct dp_port *port, const struct rte_eth_dev_info *info, struct rte_mempool *pool)
{
	struct rte_eth_conf conf = {.rxmode = {.mq_mode = RTE_ETH_MQ_RX_NONE}};
	uint16_t rx = DP_PORT_RX_DESCRIPTORS, tx = DP_PORT_TX_DESCRIPTORS;
	int rc;

	if (port->rx_queues > 1 && info->flow_type_rss_offloads & RTE_ETH_RSS_IP) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP);
	}
	rc = rte_eth_dev_configure(port->ethdev, port->rx_queues, port->tx_queues, &conf);
	if (rc)
		return rc;
	rte_eth_dev_adjust_nb_rx_tx_desc(port->ethdev, &rx, &tx);
	for (uint16_t q = 0; q < port->rx_queues; q++) {
		rc = rte_eth_rx_queue_setup(port->ethdev, q, rx, SOCKET_ID_ANY, NULL, pool);
		if (rc)
			return rc;
	}
	for (uint16_t q = 0; q < port->tx_queues; q++) {
		rc = rte_eth_tx_queue_setup(port->ethdev, q, tx, SOCKET_ID_ANY, NULL);
		if (rc)
			return rc;
	}
	rc = rte_eth_dev_start(port->ethdev);
	if (rc)
		return rc;
	// Virtual devices often have no multicast filter: they hand over everything, which is what is wanted.
	rte_eth_allmulticast_enable(port->ethdev);
	rte_eth_promiscuous_enable(port->ethdev);
	return rte_eth_macaddr_get(port->ethdev, &port->mac);
}

int dp_port_open(struct dp_port *port, const struct dp_conf *conf, unsigned index, struct rte_mempool *pool,
		 struct base_errs *errs)
{
	struct rte_eth_dev_info info;
	char where[32], name[64];
	int rc;

	*port = (struct dp_port){.conf = &conf->port[index]};
	port->offline = dp_port_driver_offline(port->conf->driver);
	snprintf(where, sizeof(where), "/ports/%u", index);
	if (port->conf->driver == DP_PORT_FILE)
		return dp_file_open(port, pool, where, errs);
	dp_eal_device_name(conf, index, name, sizeof(name));
	rc = rte_eth_dev_get_port_by_name(name, &port->ethdev);
	if (!rc)
		rc = rte_eth_dev_info_get(port->ethdev, &info);
	if (rc) {
		base_errs_add(errs, where, "no device %s: is it there, and bound to a driver DPDK can use (vfio-pci)?",
			      name);
		return rc;
	}
	rc = count_queues(port, conf, &info, where, errs);
	if (rc)
		return rc;
	port->ops = &ethdev_ops;
	port->interface = dp_carrier_interface(port->conf);
	rc = setup_queues(port, &info, pool);
	if (rc)
		base_errs_add(errs, where, "device %s does not start: %s", name, strerror(-rc));
	return rc;
}

int dp_port_close(struct dp_port *port)
{
	int rc = port->ops ? port->ops->close(port) : 0;

	free(port->gate);
	*port = (struct dp_port){0};
	return rc;
}

void dp_port_read(struct dp_port *port)
{
	if (port->ops->read)
		port->ops->read(port);
	if (!port->offline)
		atomic_store_explicit(&port->down, !dp_carrier_up(port->conf, port->ethdev, port->interface),
				      memory_order_relaxed);
}
