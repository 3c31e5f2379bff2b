// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/sink.h"

#include <rte_ethdev.h>

#include "path/stream.h"

static void look(struct bench_sink *sink, const uint8_t *packet)
{
	uint16_t pid = ts_packet_pid(packet);

	if (pid == TS_PID_PAT || pid == BENCH_PMT_PID)
		sink->psi_pkts++;
	if (!ts_packet_synced(packet)) {
		sink->wrong_pkts++;
		return;
	}
	if ((pid != BENCH_VIDEO_PID && pid != BENCH_AUDIO_PID) || !ts_packet_has_payload(packet))
		return;
	sink->checked_pkts++;
	sink->wrong_pkts += sink->scrambled ? ts_packet_tsc(packet) < TS_TSC_EVEN : ts_packet_tsc(packet) != 0;
}

static void look_at_all(struct bench_sink *sink, struct rte_mbuf *const *mbufs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct dp_dgram *dgram = dp_dgram_of(mbufs[i]);

		for (unsigned k = 0; k < dgram->slots; k++)
			look(sink, dgram->ts + k * TS_PACKET_BYTES);
	}
}

static unsigned sink_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	struct bench_sink *sink = (struct bench_sink *)port->context + queue;
	struct bench_window *window = sink->window;
	uint64_t entered = base_clock_tsc();
	unsigned kept = 0;

	if (window->phase != BENCH_MEASURE)
		look_at_all(sink, mbufs, n);
	while (window->phase == BENCH_DONE && kept < n && sink->held < BENCH_HELD_MAX)
		sink->mbuf[sink->held++] = mbufs[kept++];
	rte_pktmbuf_free_bulk(mbufs + kept, n - kept);
	window->now.sink_ticks += base_clock_tsc() - entered;
	return n;
}

static unsigned sink_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	(void)port;
	(void)queue;
	(void)mbufs;
	(void)n;
	return 0;
}

static bool sink_ended(const struct dp_port *port)
{
	(void)port;
	return false;
}

// The device stays: the next run opens it again.
static int sink_close(struct dp_port *port)
{
	return rte_eth_dev_stop(port->ethdev);
}

const struct dp_port_ops bench_sink_ops = {.rx = sink_rx, .tx = sink_tx, .ended = sink_ended, .close = sink_close};

void bench_sink_fini(struct bench_sink *sink)
{
	rte_pktmbuf_free_bulk(sink->mbuf, sink->held);
	sink->held = 0;
}
