// SPDX-License-Identifier: GPL-3.0-or-later
// Datagrams leave in the order in which their slots were given, when the last of their slots is done.
#include "stage/stage.h"
#include "stats/delay.h"
#include "stats/jitter.h"

enum { ATTEMPTS = 8 };

static void count(const struct dp_tx *tx, unsigned i)
{
	struct dp_output_stats *stats = &tx->output[i]->stats;

	dp_count(&stats->datagrams, 1);
	dp_count(&stats->out_pkts, tx->slots[i]);
	dp_count(&stats->null_pkts, tx->nulls[i]);
}

static void lose(const struct dp_tx *tx, unsigned i, enum dp_drop reason)
{
	dp_count(&tx->output[i]->stats.drops[reason], tx->slots[i]);
	rte_pktmbuf_free(tx->mbuf[i]);
}

// A port that does not take a datagram after some attempts loses it: nobody waits for a full port.
static void send_port(struct dp_worker *worker, unsigned index)
{
	struct dp_port *port = &worker->port[index];
	struct dp_tx *tx = &worker->tx[index];
	uint16_t queue = port->offline ? 0 : (uint16_t)worker->index;
	unsigned sent = 0;

	for (int i = 0; i < ATTEMPTS && sent < tx->n; i++)
		sent += dp_port_tx(port, queue, tx->mbuf + sent, tx->n - sent);
	for (unsigned i = 0; i < sent; i++)
		count(tx, i);
	for (unsigned i = sent; i < tx->n; i++)
		lose(tx, i, dp_port_down(port) ? DP_DROP_PORT_DOWN : DP_DROP_TX_FULL);
	tx->n = 0;
}

// Counts when a datagram leaves: at `tick`.
static void count_times(struct dp_worker *worker, const struct dp_dgram *dgram, uint64_t tick)
{
	const struct base_clock *clock = worker->clock;

	dp_jitter_left(&dgram->output->stats.jitter, clock, tick, dgram->sampled);
	if (dgram->oldest_tick)
		dp_histogram_add(&worker->stats.delay, dp_delay_units(clock, dp_delay_ticks(dgram->oldest_tick, tick)));
	for (unsigned i = 0; i < dgram->delays; i++) {
		const struct dp_delay *delay = &dgram->delay[i];

		dp_histogram_add(&delay->service->stats.delay,
				 dp_delay_units(clock, dp_delay_ticks(delay->arrived_tick, tick)));
	}
}

// What is counted when it leaves.
static void fetch_counters(const struct dp_dgram *dgram)
{
	__builtin_prefetch(&dgram->output->stats.jitter.last_tick, 1);
	__builtin_prefetch(&dgram->output->stats.out_pkts, 1);
}

static void queue(struct dp_worker *worker, struct rte_mbuf *mbuf)
{
	const struct dp_dgram *dgram = dp_dgram_of(mbuf);
	unsigned index = dgram->output->conf->port;
	struct dp_tx *tx = &worker->tx[index];

	count_times(worker, dgram, worker->lap_tick);
	tx->mbuf[tx->n] = mbuf;
	tx->output[tx->n] = dgram->output;
	tx->slots[tx->n] = dgram->slots;
	tx->nulls[tx->n] = dgram->nulls;
	if (++tx->n < DP_BURST)
		return;
	send_port(worker, index);
	dp_worker_lap(worker, DP_STAGE_TX);
}

void dp_stage_tx(struct dp_worker *worker)
{
	uint32_t ready = worker->closed_head;

	if (ready == worker->closed_tail)
		return;
	dp_worker_lap(worker, DP_STAGE_RX); // letting go of what was received, and polls that found nothing
	while (ready != worker->closed_tail) {
		struct dp_dgram *dgram = dp_dgram_of(worker->closed[ready & worker->closed_mask]);

		if (dgram->pending)
			break;
		fetch_counters(dgram);
		dp_stage_guard(dgram);
		ready++;
	}
	if (ready == worker->closed_head)
		return;
	dp_worker_lap(worker, DP_STAGE_GUARD);
	while (worker->closed_head != ready)
		queue(worker, worker->closed[worker->closed_head++ & worker->closed_mask]);
	for (unsigned i = 0; i < DP_CONF_PORTS_MAX; i++)
		if (worker->tx[i].n)
			send_port(worker, i);
	dp_worker_lap(worker, DP_STAGE_TX);
}
