// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

// Only whole datagrams are caught; none here is shorter.
static void catch_one(struct bench_sink *sink, unsigned service, const uint8_t *frame)
{
	struct bench_catch *caught = &sink->catch[sink->catches++];

	caught->own = sink->pace->own;
	caught->gap_over = sink->pace->gap_over;
	caught->service = service;
	memcpy(caught->ts, frame + BENCH_HEADER_BYTES, DP_DGRAM_TS_BYTES);
}

static void look(struct bench_sink *sink, const struct rte_mbuf *mbuf)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	int service = bench_watch_frame(&sink->watch, frame, rte_pktmbuf_data_len(mbuf));

	if (sink->pace->phase != BENCH_MEASURE || service < 0 || --sink->countdown)
		return;
	sink->countdown = sink->every;
	if (sink->catches < BENCH_CATCHES_MAX && rte_pktmbuf_data_len(mbuf) == BENCH_FRAME_BYTES)
		catch_one(sink, (unsigned)service, frame);
}

static unsigned sink_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	struct bench_sink *sink = (struct bench_sink *)port->context + queue;
	uint64_t entered = base_clock_tsc();
	unsigned kept = 0;

	bench_pace_enter(sink->pace, entered);
	for (unsigned i = 0; i < n; i++)
		look(sink, mbufs[i]);
	while (kept < n && sink->held < BENCH_HELD_MAX && atomic_load_explicit(&sink->hold, memory_order_relaxed))
		sink->mbuf[sink->held++] = mbufs[kept++];
	rte_pktmbuf_free_bulk(mbufs + kept, n - kept);
	uint64_t left = base_clock_tsc();

	sink->window->now.sink_ticks += left - entered;
	bench_pace_leave(sink->pace, left);
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

int bench_sink_init(struct bench_sink *sink, unsigned services, unsigned programmes, bool scrambled)
{
	sink->every = sink->countdown = 1;
	sink->catch = calloc(BENCH_CATCHES_MAX, sizeof(*sink->catch));
	return sink->catch ? bench_watch_init(&sink->watch, services, programmes, scrambled) : -ENOMEM;
}

void bench_sink_fini(struct bench_sink *sink)
{
	rte_pktmbuf_free_bulk(sink->mbuf, sink->held);
	sink->held = 0;
	bench_watch_fini(&sink->watch);
	free(sink->catch);
	sink->catch = NULL;
}
