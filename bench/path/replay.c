// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/replay.h"

#include <errno.h>

#include <rte_ethdev.h>

// One datagram of each input in turn.
static void write_next(struct bench_replay *replay, struct rte_mbuf *mbuf, uint64_t tick)
{
	bench_stream_next(replay->stream[replay->turn], tick, replay->number++, rte_pktmbuf_mtod(mbuf, uint8_t *));
	if (++replay->turn == replay->streams)
		replay->turn = 0;
}

static struct rte_mbuf *new_mbuf(struct bench_replay *replay)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(replay->pool);

	if (mbuf)
		rte_pktmbuf_append(mbuf, BENCH_FRAME_BYTES);
	return mbuf;
}

// The oldest in the ring, for one that has just been written.
static struct rte_mbuf *exchange(struct bench_replay *replay, struct rte_mbuf *next)
{
	struct rte_mbuf *oldest = replay->ring[replay->head];

	replay->ring[replay->head] = next;
	replay->head = (replay->head + 1) % BENCH_DESCRIPTORS;
	return oldest;
}

// What was missed leaves no trace but the next that comes.
static void miss(struct bench_replay *replay, unsigned n, uint64_t tick)
{
	for (unsigned i = 0; i < n; i++) {
		write_next(replay, replay->ring[replay->head], tick);
		exchange(replay, replay->ring[replay->head]);
	}
}

static unsigned give(struct bench_replay *replay, struct rte_mbuf **mbufs, unsigned n, uint64_t tick)
{
	unsigned given = 0;

	for (; given < n; given++) {
		struct rte_mbuf *next = new_mbuf(replay);

		if (!next)
			break;
		write_next(replay, next, tick);
		mbufs[given] = exchange(replay, next);
	}
	return given;
}

static unsigned replay_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	struct bench_replay *replay = (struct bench_replay *)port->context + queue;
	struct bench_pace *pace = replay->pace;
	uint64_t entered = base_clock_tsc();
	unsigned missed, given = 0;

	bench_pace_enter(pace, entered);
	bool changed = bench_pace_turn(pace);

	bench_window_tick(replay->window, entered, pace->phase);
	if (changed && pace->phase == BENCH_IDLE)
		bench_pace_finish(pace);
	if (replay->streams) {
		n = bench_pace_take(pace, n, &missed);
		miss(replay, missed, entered);
		given = give(replay, mbufs, n, entered);
		bench_pace_untake(pace, n - given);
	}
	uint64_t left = base_clock_tsc();

	replay->window->now.replay_ticks += left - entered;
	bench_pace_leave(pace, left);
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

int bench_replay_init(struct bench_replay *replay)
{
	for (unsigned i = 0; i < BENCH_DESCRIPTORS && replay->streams; i++) {
		replay->ring[i] = new_mbuf(replay);
		if (!replay->ring[i])
			return -ENOMEM;
		write_next(replay, replay->ring[i], base_clock_tsc());
	}
	return 0;
}

void bench_replay_fini(struct bench_replay *replay)
{
	rte_pktmbuf_free_bulk(replay->ring, BENCH_DESCRIPTORS);
}
