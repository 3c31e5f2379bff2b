// SPDX-License-Identifier: GPL-3.0-or-later
// The EAL's command line, made from the configuration. No telemetry socket, no shared configuration: nobody but the
// control socket of a later issue looks into this process.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include <base_check.h>

#include "port/port.h"

enum { ARGS_MAX = 16 + DP_CONF_PORTS_MAX, ARG_BYTES = 1024 };

struct args {
	int n;
	char *at[ARGS_MAX + 1];
	char text[ARGS_MAX][ARG_BYTES];
};

// Room for one more argument, of ARG_BYTES.
static char *next(struct args *args)
{
	CHECK(args->n < ARGS_MAX);
	args->at[args->n] = args->text[args->n];
	return args->at[args->n++];
}

void dp_eal_device_name(const struct dp_conf *conf, unsigned index, char *name, size_t capacity)
{
	static const char *const prefix[DP_PORT_DRIVERS] = {
		[DP_PORT_AF_PACKET] = "net_af_packet", [DP_PORT_PCAP] = "net_pcap", [DP_PORT_MEMIF] = "net_memif",
		[DP_PORT_RING] = "net_ring",           [DP_PORT_NULL] = "net_null",
	};
	const struct dp_conf_port *port = &conf->port[index];

	if (port->driver == DP_PORT_PCI)
		snprintf(name, capacity, "%s", port->address);
	else
		snprintf(name, capacity, "%s%u", prefix[port->driver], index);
}

static void add_device(struct args *args, const struct dp_conf *conf, unsigned index)
{
	const struct dp_conf_port *port = &conf->port[index];
	char name[64];

	if (port->driver == DP_PORT_FILE)
		return;
	dp_eal_device_name(conf, index, name, sizeof(name));
	switch (port->driver) {
	case DP_PORT_PCI:
		snprintf(next(args), ARG_BYTES, "--allow=%s", name);
		break;
	case DP_PORT_AF_PACKET:
		snprintf(next(args), ARG_BYTES, "--vdev=%s,iface=%s,qpairs=%u,framesz=2048,framecnt=1024,blocksz=4096",
			 name, port->interface, conf->workers);
		break;
	case DP_PORT_PCAP:
		snprintf(next(args), ARG_BYTES, "--vdev=%s%s%s%s%s", name, port->rx[0] ? ",rx_pcap=" : "", port->rx,
			 port->tx[0] ? ",tx_pcap=" : "", port->tx);
		break;
	case DP_PORT_MEMIF:
		snprintf(next(args), ARG_BYTES,
			 "--vdev=%s,role=%s,id=%u,socket=%s,socket-abstract=no,bsize=2048,rsize=12", name,
			 port->server ? "server" : "client", port->id, port->socket);
		break;
	case DP_PORT_NULL:
		snprintf(next(args), ARG_BYTES, "--vdev=%s,size=64,no-rx=1", name);
		break;
	default:
		snprintf(next(args), ARG_BYTES, "--vdev=%s", name);
		break;
	}
}

static void add_lcores(struct args *args, const struct dp_conf *conf)
{
	char *text = next(args);
	int at = snprintf(text, ARG_BYTES, "--lcores=0@%u", conf->main_core);

	// At most 8 characters for each of DP_CONF_WORKERS_MAX workers.
	for (unsigned i = 0; i < conf->workers; i++)
		at += snprintf(text + at, ARG_BYTES - (size_t)at, ",%u@%u", i + 1, conf->worker_core[i]);
	snprintf(next(args), ARG_BYTES, "--main-lcore=0");
}

int dp_eal_start(const struct dp_conf *conf, const char *program, struct base_errs *errs)
{
	struct args *args = calloc(1, sizeof(*args));
	bool pci = false;
	int rc;

	if (!args)
		return -ENOMEM;
	snprintf(next(args), ARG_BYTES, "%s", program);
	snprintf(next(args), ARG_BYTES, "--no-telemetry");
	snprintf(next(args), ARG_BYTES, "--log-level=lib.*:error");
	snprintf(next(args), ARG_BYTES, "--log-level=pmd.*:error");
	snprintf(next(args), ARG_BYTES, "-m%u", conf->memory_mib);
	if (conf->hugepages) {
		snprintf(next(args), ARG_BYTES, "--in-memory");
	} else {
		snprintf(next(args), ARG_BYTES, "--no-huge");
		snprintf(next(args), ARG_BYTES, "--no-shconf");
	}
	add_lcores(args, conf);
	for (unsigned i = 0; i < conf->ports; i++) {
		pci |= conf->port[i].driver == DP_PORT_PCI;
		add_device(args, conf, i);
	}
	if (!pci)
		snprintf(next(args), ARG_BYTES, "--no-pci");
	rc = rte_eal_init(args->n, args->at);
	free(args);
	if (rc < 0) {
		rc = rte_errno ? -rte_errno : -EINVAL;
		base_errs_add(errs, "/ports",
			      "DPDK did not start (%s): see its own message above; check that the interfaces and files "
			      "exist, the cores are there and %u MiB are free",
			      strerror(-rc), conf->memory_mib);
		return rc;
	}
	return 0;
}
