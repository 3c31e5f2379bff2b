// SPDX-License-Identifier: GPL-3.0-or-later
#include "port/file.h"

#include <errno.h>

#include <ts_packet.h>

#include "stage/dgram.h"

int dp_file_open(struct dp_file *file, const char *rx, const char *tx, struct rte_mempool *pool)
{
	int rc;

	*file = (struct dp_file){.pool = pool};
	if (rx[0]) {
		file->rx = fopen(rx, "rbe");
		if (!file->rx)
			return -errno;
	}
	if (tx[0]) {
		file->tx = fopen(tx, "wbe");
		if (!file->tx) {
			rc = -errno;
			dp_file_close(file);
			return rc;
		}
	}
	atomic_store(&file->ended, file->rx == NULL);
	return 0;
}

int dp_file_close(struct dp_file *file)
{
	int rc = file->tx_error;

	if (file->rx)
		fclose(file->rx);
	if (file->tx && fclose(file->tx) && !rc)
		rc = -errno;
	*file = (struct dp_file){0};
	return rc;
}

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

// One datagram a call: a burst may then hold at most one edge of a crypto-period, however slow the stream is.
unsigned dp_file_rx(struct dp_file *file, struct rte_mbuf **mbufs, unsigned n)
{
	unsigned packets = 0;

	if (n == 0 || atomic_load_explicit(&file->ended, memory_order_relaxed))
		return 0;
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(file->pool);

	if (!mbuf)
		return 0;
	uint8_t *bytes = rte_pktmbuf_mtod(mbuf, uint8_t *);

	while (packets < DP_DGRAM_SLOTS && read_packet(file->rx, bytes + packets * TS_PACKET_BYTES))
		packets++;
	if (packets < DP_DGRAM_SLOTS)
		atomic_store_explicit(&file->ended, true, memory_order_release);
	if (packets == 0) {
		rte_pktmbuf_free(mbuf);
		return 0;
	}
	rte_pktmbuf_append(mbuf, (uint16_t)(packets * TS_PACKET_BYTES));
	mbufs[0] = mbuf;
	return 1;
}

unsigned dp_file_tx(struct dp_file *file, struct rte_mbuf **mbufs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		size_t bytes = rte_pktmbuf_data_len(mbufs[i]);

		if (fwrite(rte_pktmbuf_mtod(mbufs[i], void *), 1, bytes, file->tx) != bytes && !file->tx_error)
			file->tx_error = errno ? -errno : -EIO;
		rte_pktmbuf_free(mbufs[i]);
	}
	return n;
}
