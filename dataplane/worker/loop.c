// SPDX-License-Identifier: GPL-3.0-or-later
// The loop of a worker lcore.
#include <sched.h>
#include <time.h>

#include <rte_pause.h>

#include "stage/owner.h"
#include "stage/stage.h"
#include "worker/orders.h"

void dp_worker_walk(struct dp_worker *worker, struct rte_mbuf **mbufs, unsigned n)
{
	if (n == 0)
		return;
	dp_stage_unpack(worker, mbufs, n);
	dp_worker_lap(worker, DP_STAGE_RX);
	for (unsigned first = 0, end; first < worker->pkts; first = end) {
		end = dp_stage_classify(worker, first);
		dp_worker_lap(worker, DP_STAGE_CLASSIFY);
		dp_stage_slot(worker, first, end);
		dp_worker_lap(worker, DP_STAGE_SLOT);
		dp_stage_batch(worker);
		dp_worker_lap(worker, DP_STAGE_BATCH);
		if (!dp_worker_has_room(worker)) {
			dp_stage_flush(worker);
			dp_stage_tx(worker);
		}
	}
	dp_stage_release(mbufs, n);
}

// Input without a clock of its own is read only while the next crypto-period of every group it feeds is whole.
static bool may_read(const struct dp_port *port)
{
	for (unsigned i = 0; i < port->gates; i++)
		if (!dp_period_ready(port->gate[i]))
			return false;
	return true;
}

// Queues of a live port are spread over the workers; an offline port is read by the worker that owns its inputs, so
// that it waits for the right periods.
static bool polls(const struct dp_worker *worker, const struct dp_port *port, uint16_t queue)
{
	if (port->offline)
		return atomic_load_explicit(&port->rx_worker, memory_order_relaxed) == worker->index && may_read(port);
	return queue % worker->conf->workers == worker->index;
}

static unsigned poll_ports(struct dp_worker *worker)
{
	struct rte_mbuf *mbufs[DP_BURST];
	unsigned received = 0;

	for (unsigned p = 0; p < worker->conf->ports; p++) {
		struct dp_port *port = &worker->port[p];

		for (uint16_t q = 0; q < port->rx_queues; q++) {
			if (!polls(worker, port, q))
				continue;
			// Offline, one datagram at a time: it then holds at most one edge of any crypto-period.
			unsigned n = dp_port_rx(port, q, mbufs, port->offline ? 1 : DP_BURST);

			if (n == 0)
				continue;
			received += n;
			dp_worker_walk(worker, mbufs, dp_stage_rx(worker, p, mbufs, n));
		}
	}
	return received;
}

static unsigned poll_handover(struct dp_worker *worker)
{
	struct rte_mbuf *mbufs[DP_BURST];
	unsigned n = rte_ring_dequeue_burst(worker->handover, (void **)mbufs, DP_BURST, NULL), mine = 0;

	if (n) // what the worker before has done to an input that moved here was done before this
		worker->now_tick = base_clock_tsc();
	for (unsigned i = 0; i < n; i++)
		if (dp_owner_takes(worker, mbufs[i], true))
			mbufs[mine++] = mbufs[i];
	dp_worker_walk(worker, mbufs, mine);
	return n;
}

// Batches wait for more lanes until the inputs are empty or the oldest lane has waited long enough.
static void flush_when_due(struct dp_worker *worker, bool empty)
{
	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		struct dp_batch *batch = &worker->batch[i];

		if (batch->n && (empty || worker->now_tick - batch->oldest_tick >= worker->batch_wait_ticks))
			dp_stage_scramble(worker, batch);
	}
}

// Frames that main made leave by the queue of this worker.
static void send_frames(struct dp_worker *worker)
{
	void *taken;

	while (rte_ring_dequeue(worker->outbox, &taken) == 0) {
		struct rte_mbuf *mbuf = taken;

		if (dp_port_tx(&worker->port[mbuf->port], (uint16_t)worker->index, &mbuf, 1) == 0)
			rte_pktmbuf_free(mbuf);
	}
}

// A group without PCR lives by the wall clock.
static void tend_group(struct dp_worker *worker, struct dp_group *group)
{
	struct dp_period *period = &group->period;

	if (period->on_air && !period->offline)
		dp_media_clock_idle(&period->media, worker->clock, worker->now_tick);
	if (period->media.on_wall && dp_stage_due(group)) {
		worker->lap_tick = base_clock_tsc();
		dp_stage_advance(worker, group);
	}
	dp_period_publish(period);
}

// A previous key dies once it is not needed. What names it is scrambled first: for all that die now in the same
// batches, because those of a thousand groups may do so at one time.
static void retire_keys(struct dp_worker *worker)
{
	const struct dp_roster *roster = &worker->roster;
	bool any = false;

	for (unsigned i = 0; i < roster->groups; i++)
		if (dp_period_stale(&roster->group[i]->period)) {
			dp_stage_lay(worker, roster->group[i]);
			any = true;
		}
	if (!any)
		return;
	dp_stage_flush(worker);
	for (unsigned i = 0; i < roster->groups; i++)
		if (dp_period_stale(&roster->group[i]->period))
			dp_keyslot_retire(&roster->group[i]->period.slot);
}

static void tend_groups(struct dp_worker *worker)
{
	for (unsigned i = 0; i < worker->roster.groups; i++)
		tend_group(worker, worker->roster.group[i]);
	retire_keys(worker);
}

static void close_late(struct dp_worker *worker, bool all)
{
	for (unsigned i = 0; i < worker->roster.outputs; i++) {
		struct dp_output *output = worker->roster.output[i];

		if (output->slots == 0)
			continue;
		uint64_t open_us = base_clock_us(worker->clock, worker->now_tick - output->opened_tick);

		if (!all && (output->port->offline || open_us < output->conf->deadline_us))
			continue;
		dp_count(&output->stats.deadline_closes, !all);
		dp_stage_close(worker, output, output->conf->short_datagrams || output->port->offline);
	}
}

static void keep_house(struct dp_worker *worker)
{
	worker->housekept_tick = worker->now_tick;
	dp_worker_take_orders(worker);
	tend_groups(worker);
	dp_stage_emms(worker);
	close_late(worker, false);
	send_frames(worker);
	dp_load_look(worker);
	worker->lap_tick = base_clock_tsc(); // none of it is the next batch's
}

static void finish(struct dp_worker *worker)
{
	close_late(worker, true);
	dp_stage_flush(worker);
	dp_stage_tx(worker);
	send_frames(worker);
}

// A worker whose offline inputs have all ended sends what is left, so that main can end the program.
static void drain_when_ended(struct dp_worker *worker)
{
	if (atomic_load_explicit(&worker->drained, memory_order_relaxed))
		return;
	for (unsigned p = 0; p < worker->conf->ports; p++)
		if (!dp_port_ended(&worker->port[p]))
			return;
	finish(worker);
	atomic_store_explicit(&worker->drained, true, memory_order_release);
}

static void idle(const struct dp_worker *worker)
{
	static const struct timespec nap = {.tv_nsec = 50000};

	switch (worker->conf->idle) {
	case DP_IDLE_SPIN:
		rte_pause();
		break;
	case DP_IDLE_YIELD:
		sched_yield();
		break;
	case DP_IDLE_SLEEP:
		nanosleep(&nap, NULL);
		break;
	}
}

unsigned dp_worker_pass(struct dp_worker *worker)
{
	unsigned n;

	worker->now_tick = base_clock_tsc();
	worker->lap_tick = worker->now_tick;
	n = poll_ports(worker) + poll_handover(worker);
	if (worker->now_tick - worker->housekept_tick >= worker->housekeeping_ticks)
		keep_house(worker);
	dp_stage_batch(worker);
	flush_when_due(worker, n == 0);
	dp_stage_tx(worker);
	dp_count(&worker->stats.passes, 1);
	dp_count(&worker->stats.busy_passes, n != 0);
	atomic_store(&worker->passed, worker->stats.passes);
	return n;
}

int dp_worker_run(void *context)
{
	struct dp_worker *worker = context;

	worker->now_tick = base_clock_tsc();
	keep_house(worker);
	while (!atomic_load_explicit(worker->stop, memory_order_relaxed)) {
		if (dp_worker_pass(worker))
			continue;
		drain_when_ended(worker);
		idle(worker);
	}
	worker->now_tick = base_clock_tsc();
	finish(worker);
	return 0;
}
