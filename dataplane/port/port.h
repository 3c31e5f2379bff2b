// SPDX-License-Identifier: GPL-3.0-or-later
// Ports: Ethernet devices of DPDK, and files that go through the very same stages.
//
// Threads: opened and closed by main; a queue is used by one worker. A file port has one queue each way.
// Owns: the device or files.
// Errors: -errno with the reason in the list.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include <base_err.h>

#include "conf/conf.h"

// Of a queue of an Ethernet device.
enum { DP_PORT_RX_DESCRIPTORS = 1024, DP_PORT_TX_DESCRIPTORS = 1024 };

struct dp_period;
struct dp_port;

// What the device counts; a file loses nothing.
struct dp_port_stats {
	uint64_t rx_datagrams, tx_datagrams; // frames of any kind
	uint64_t missed;                     // lost because nobody took them from the device in time
	uint64_t no_buffer;                  // lost because no receive buffer was free
	uint64_t errors;                     // broken frames received, and frames that could not be sent
};

// What a kind of port does. Called through dp_port_rx and its neighbours.
struct dp_port_ops {
	unsigned (*rx)(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n);
	unsigned (*tx)(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n);
	bool (*ended)(const struct dp_port *port); // input is over, and will not come back
	int (*close)(struct dp_port *port);
	void (*read)(struct dp_port *port); // fills port->stats; NULL where nothing counts
};

struct dp_port {
	const struct dp_conf_port *conf;
	const struct dp_port_ops *ops; // NULL while closed
	void *context;                 // of the ops: a file port's files
	uint16_t ethdev;
	uint16_t rx_queues, tx_queues;
	atomic_uint rx_worker; // of an offline port: the one worker that reads it and owns its inputs
	bool offline;          // no clock of its own: reads wait for whole crypto-periods
	struct rte_ether_addr mac;
	struct dp_input *file_input; // the one input of a file port
	unsigned interface;          // of an af_packet port, as the system numbers it
	atomic_bool down;            // it carries nothing now; main writes, workers read
	atomic_bool queried;         // an IGMP query came; workers set, main clears
	unsigned gates;              // groups that offline input waits for
	struct dp_period **gate;
	struct dp_port_stats stats; // main reads them from the device, and uses them
};

// Starts the EAL for this configuration: main and worker lcores, memory, devices. `program` is BORROWED.
// 0 or -errno with the reason in `errs`.
int dp_eal_start(const struct dp_conf *conf, const char *program, struct base_errs *errs);

// Name of the DPDK device of the `index`th port, as EAL and ethdev know it.
void dp_eal_device_name(const struct dp_conf *conf, unsigned index, char *name, size_t capacity);

// Opens and starts port `index` for `workers` workers, with `pool` for what it receives.
int dp_port_open(struct dp_port *port, const struct dp_conf *conf, unsigned index, struct rte_mempool *pool,
		 struct base_errs *errs);

// Flushes, stops and closes. A port that is all zero is left alone. 0, or -errno when bytes of a file were lost.
int dp_port_close(struct dp_port *port);

// Reads the counters of the device into port->stats, and whether it is up. Called by main about once a second: some
// devices are slow to ask.
void dp_port_read(struct dp_port *port);

// Receives up to `n` frames of a queue; 0 when there is nothing now.
static inline unsigned dp_port_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	return port->ops->rx(port, queue, mbufs, n);
}

// True while nothing can be sent or received.
static inline bool dp_port_down(const struct dp_port *port)
{
	return atomic_load_explicit(&port->down, memory_order_relaxed);
}

// Sends frames; those taken are the first of the array and are the port's now. Returns how many. A port that is down
// takes none: its driver might keep them for later, when nobody wants them.
static inline unsigned dp_port_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	return dp_port_down(port) ? 0 : port->ops->tx(port, queue, mbufs, n);
}

// True when a file port has given its last packet, or has no file to read.
static inline bool dp_port_ended(const struct dp_port *port)
{
	return port->ops->ended(port);
}
