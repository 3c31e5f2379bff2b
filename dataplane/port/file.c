// SPDX-License-Identifier: GPL-3.0-or-later
#include "port/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dp_stats.h>
#include <ts_packet.h>

#include "stage/dgram.h"

enum { RX_BYTES = 64 * 1024 };

struct files {
	int rx; // -1 when there is none
	FILE *tx;
	struct rte_mempool *pool;
	atomic_bool ended;                   // main reads
	int tx_error;                        // first -errno of writing
	uint64_t rx_datagrams, tx_datagrams; // main reads
	size_t head, tail;                   // of what has been read and not yet taken
	uint8_t bytes[RX_BYTES];
};

// Reads what is there now; a pipe without bytes is no reason to wait. False at the end of the file.
static bool fill(struct files *files)
{
	memmove(files->bytes, files->bytes + files->head, files->tail - files->head);
	files->tail -= files->head;
	files->head = 0;
	ssize_t n = read(files->rx, files->bytes + files->tail, sizeof(files->bytes) - files->tail);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	files->tail += (size_t)n;
	return n > 0;
}

// The next packet read whole, or NULL. Bytes before a sync byte are skipped.
static const uint8_t *next_packet(struct files *files)
{
	while (files->head < files->tail && files->bytes[files->head] != TS_SYNC_BYTE)
		files->head++;
	if (files->tail - files->head < TS_PACKET_BYTES)
		return NULL;
	files->head += TS_PACKET_BYTES;
	return files->bytes + files->head - TS_PACKET_BYTES;
}

// One datagram a call, which is all that the worker asks of an offline port.
static unsigned file_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	struct files *files = port->context;
	const uint8_t *packet;

	(void)queue;
	if (n == 0 || atomic_load_explicit(&files->ended, memory_order_relaxed))
		return 0;
	if (files->tail - files->head < DP_DGRAM_TS_BYTES && !fill(files) &&
	    files->tail - files->head < TS_PACKET_BYTES) {
		atomic_store_explicit(&files->ended, true, memory_order_release);
		return 0;
	}
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(files->pool);

	if (!mbuf)
		return 0;
	while (rte_pktmbuf_data_len(mbuf) < DP_DGRAM_TS_BYTES && (packet = next_packet(files)))
		memcpy(rte_pktmbuf_append(mbuf, TS_PACKET_BYTES), packet, TS_PACKET_BYTES);
	if (rte_pktmbuf_data_len(mbuf) == 0) {
		rte_pktmbuf_free(mbuf);
		return 0;
	}
	mbufs[0] = mbuf;
	dp_count(&files->rx_datagrams, 1);
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
	dp_count(&files->tx_datagrams, n);
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

	if (files->rx >= 0)
		close(files->rx);
	if (files->tx && fclose(files->tx) && !rc)
		rc = -errno;
	free(files);
	return rc;
}

static void file_read(struct dp_port *port)
{
	const struct files *files = port->context;

	port->stats = (struct dp_port_stats){.rx_datagrams = dp_counted(&files->rx_datagrams),
					     .tx_datagrams = dp_counted(&files->tx_datagrams)};
}

static const struct dp_port_ops file_ops = {
	.rx = file_rx, .tx = file_tx, .ended = file_ended, .close = file_close, .read = file_read};

static int report(const char *path, const char *where, struct base_errs *errs)
{
	int rc = -errno;

	base_errs_add(errs, where, "%s: %s", path, strerror(-rc));
	return rc;
}

// A pipe is opened when somebody writes into it, and is not waited for after that.
static int open_rx(struct files *files, const char *path)
{
	files->rx = open(path, O_RDONLY | O_CLOEXEC);
	return files->rx < 0 || fcntl(files->rx, F_SETFL, O_NONBLOCK) < 0 ? -1 : 0;
}

int dp_file_open(struct dp_port *port, struct rte_mempool *pool, const char *where, struct base_errs *errs)
{
	const char *rx = port->conf->rx, *tx = port->conf->tx;
	struct files *files = calloc(1, sizeof(*files));
	int rc = 0;

	if (!files)
		return -ENOMEM;
	files->rx = -1;
	files->pool = pool;
	port->context = files;
	if (rx[0] && open_rx(files, rx))
		rc = report(rx, where, errs);
	if (!rc && tx[0]) {
		files->tx = fopen(tx, "wbe");
		if (!files->tx)
			rc = report(tx, where, errs);
	}
	if (rc) {
		file_close(port);
		return rc;
	}
	atomic_store(&files->ended, files->rx < 0);
	port->rx_queues = files->rx >= 0;
	port->tx_queues = files->tx != NULL;
	port->ops = &file_ops;
	return 0;
}
