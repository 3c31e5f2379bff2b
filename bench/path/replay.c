// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/replay.h"

#include <errno.h>

#include <rte_ethdev.h>

// One datagram of each service in turn; NULL when there is no buffer.
static struct rte_mbuf *fill(struct bench_replay *replay)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(replay->pool);

	if (!mbuf)
		return NULL;
	bench_stream_next(replay->stream[replay->turn], (uint8_t *)rte_pktmbuf_append(mbuf, BENCH_FRAME_BYTES));
	if (++replay->turn == replay->streams)
		replay->turn = 0;
	return mbuf;
}

static unsigned replay_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	struct bench_replay *replay = (struct bench_replay *)port->context + queue;
	uint64_t entered = base_clock_tsc();
	unsigned given = 0;

	bench_window_tick(replay->window, entered);
	while (given < n && replay->streams) {
		struct rte_mbuf *next = fill(replay);

		if (!next)
			break;
		mbufs[given++] = replay->ring[replay->head];
		replay->ring[replay->head] = next;
		replay->head = (replay->head + 1) % replay->ring_size;
	}
	replay->window->now.replay_ticks += base_clock_tsc() - entered;
	return given;
}

// IGMP of the dataplane comes this way.
static unsigned replay_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	(void)port;
	(void)queue;
	rte_pktmbuf_free_bulk(mbufs, n);
	return n;
}

static bool replay_ended(const struct dp_port *port)
{
	(void)port;
	return false;
}

// The device stays: the next run opens it again.
static int replay_close(struct dp_port *port)
{
	return rte_eth_dev_stop(port->ethdev);
}

const struct dp_port_ops bench_replay_ops = {.rx = replay_rx,
					     .tx = replay_tx,
					     .ended = replay_ended,
					     .close = replay_close};

int bench_replay_init(struct bench_replay *replay, unsigned workers)
{
	unsigned share = BENCH_RING_ALL / workers;

	replay->ring_size = share < BENCH_RING_MAX ? share : BENCH_RING_MAX;
	for (unsigned i = 0; i < replay->ring_size && replay->streams; i++) {
		replay->ring[i] = fill(replay);
		if (!replay->ring[i])
			return -ENOMEM;
	}
	return 0;
}

void bench_replay_fini(struct bench_replay *replay)
{
	for (unsigned i = 0; i < replay->ring_size; i++)
		rte_pktmbuf_free(replay->ring[i]);
	replay->ring_size = 0;
}
