// SPDX-License-Identifier: GPL-3.0-or-later
#include "port/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ts_packet.h>

#include "stage/dgram.h"

struct files {
	FILE *rx, *tx; // NULL when there is none
	struct rte_mempool *pool;
	atomic_bool ended; // main reads
	int tx_error;      // first -errno of writing
};

// Reads the rest of a packet whose sync byte may have to be looked for: bytes before it are skipped.
static bool read_packet(FILE *rx, uint8_t *packet)
{
	int c = fgetc(rx);

	while (c != EOF && c != TS_SYNC_BYTE)
		c = fgetc(rx);
	if (c == EOF)
		return false;
	packet[0] = (uint8_t)c;
	return fread(packet + 1, 1, TS_PACKET_BYTES - 1, rx) == TS_PACKET_BYTES - 1;
}

// One datagram a call, which is all that the worker asks of an offline port.
static unsigned file_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	struct files *files = port->context;
	unsigned packets = 0;

	(void)queue;
	if (n == 0 || atomic_load_explicit(&files->ended, memory_order_relaxed))
		return 0;
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(files->pool);

	if (!mbuf)
		return 0;
	uint8_t *bytes = rte_pktmbuf_mtod(mbuf, uint8_t *);

	while (packets < DP_DGRAM_SLOTS && read_packet(files->rx, bytes + packets * TS_PACKET_BYTES))
		packets++;
	if (packets < DP_DGRAM_SLOTS)
		atomic_store_explicit(&files->ended, true, memory_order_release);
	if (packets == 0) {
		rte_pktmbuf_free(mbuf);
		return 0;
	}
	rte_pktmbuf_append(mbuf, (uint16_t)(packets * TS_PACKET_BYTES));
	mbufs[0] = mbuf;
	return 1;
}

static unsigned file_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	struct files *files = port->context;

	(void)queue;
	for (unsigned i = 0; i < n; i++) {
		size_t bytes = rte_pktmbuf_data_len(mbufs[i]);

		if (fwrite(rte_pktmbuf_mtod(mbufs[i], void *), 1, bytes, files->tx) != bytes && !files->tx_error)
			files->tx_error = errno ? -errno : -EIO;
		rte_pktmbuf_free(mbufs[i]);
	}
	return n;
}

static bool file_ended(const struct dp_port *port)
{
	struct files *files = port->context;

	return atomic_load_explicit(&files->ended, memory_order_acquire);
}

static int file_close(struct dp_port *port)
{
	struct files *files = port->context;
	int rc = files->tx_error;

	if (files->rx)
		fclose(files->rx);
	if (files->tx && fclose(files->tx) && !rc)
		rc = -errno;
	free(files);
	return rc;
}

static const struct dp_port_ops file_ops = {.rx = file_rx, .tx = file_tx, .ended = file_ended, .close = file_close};

static int open_one(FILE **file, const char *path, const char *mode, const char *where, struct base_errs *errs)
{
	if (!path[0])
		return 0;
	*file = fopen(path, mode);
	if (*file)
		return 0;
	int rc = -errno;

	base_errs_add(errs, where, "%s: %s", path, strerror(-rc));
	return rc;
}

int dp_file_open(struct dp_port *port, struct rte_mempool *pool, const char *where, struct base_errs *errs)
{
	struct files *files = calloc(1, sizeof(*files));
	int rc;

	if (!files)
		return -ENOMEM;
	files->pool = pool;
	port->context = files;
	rc = open_one(&files->rx, port->conf->rx, "rbe", where, errs);
	if (!rc)
		rc = open_one(&files->tx, port->conf->tx, "wbe", where, errs);
	if (rc) {
		file_close(port);
		return rc;
	}
	atomic_store(&files->ended, files->rx == NULL);
	port->rx_queues = files->rx != NULL;
	port->tx_queues = files->tx != NULL;
	port->ops = &file_ops;
	return 0;
}
