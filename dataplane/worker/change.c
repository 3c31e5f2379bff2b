// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/change.h"

#include "psi/psi.h"
#include "stage/owner.h"
#include "stage/stage.h"

// Everything that waits for a cipher is scrambled, and leaves: no lane and no closed datagram names anything after
// this.
static void send_all(struct dp_worker *worker)
{
	dp_stage_flush(worker);
	dp_stage_tx(worker);
}

static void close_outputs(struct dp_worker *worker, const struct dp_change *change)
{
	for (const struct dp_wire_output *wire = change->output; wire; wire = wire->next) {
		struct dp_output *output = wire->output;

		if (wire->closes && output->slots)
			dp_stage_close(worker, output, output->conf->short_datagrams || output->port->offline);
	}
}

// What worked before the exchange has been sent, so the order within it does not matter.
static void exchange(struct dp_worker *worker, struct dp_change *change)
{
	for (struct dp_wire_output *wire = change->output; wire; wire = wire->next)
		dp_wire_output_swap(wire);
	for (struct dp_wire_group *wire = change->group; wire; wire = wire->next)
		dp_wire_group_swap(wire);
	for (struct dp_wire_service *wire = change->service; wire; wire = wire->next)
		dp_wire_service_swap(wire);
	for (struct dp_wire_input *wire = change->input; wire; wire = wire->next) {
		if (wire->leaves)
			atomic_store(&wire->input->owner, DP_OWNER_NONE);
		dp_wire_input_swap(wire);
	}
	for (struct dp_wire_port *wire = change->port; wire; wire = wire->next)
		dp_wire_port_swap(wire);
	DP_WIRE_SWAP(*change->roster, worker->roster);
}

// First which PIDs are whose and which programmes there are, then the PMTs, then what both mean together.
static void follow(struct dp_change *change)
{
	for (struct dp_wire_input *wire = change->input; wire; wire = wire->next) {
		if (wire->begins)
			dp_psi_init(wire->input);
		else if (!wire->leaves)
			dp_psi_pat_again(wire->input);
	}
	for (struct dp_wire_service *wire = change->service; wire; wire = wire->next)
		if (wire->again)
			dp_psi_service_again(wire->service, wire->from);
	for (struct dp_wire_input *wire = change->input; wire; wire = wire->next)
		if (!wire->begins && !wire->leaves)
			dp_psi_input_again(wire->input);
}

void dp_worker_change(struct dp_worker *worker, struct dp_change *change)
{
	close_outputs(worker, change);
	send_all(worker);
	exchange(worker, change);
	follow(change);
	atomic_store_explicit(&worker->drained, false, memory_order_relaxed);
}

void dp_worker_give(struct dp_worker *worker, struct dp_move *move)
{
	send_all(worker);
	DP_WIRE_SWAP(*move->give, worker->roster);
	for (unsigned i = 0; i < move->ports; i++)
		atomic_store_explicit(&move->port[i]->rx_worker, DP_OWNER_NONE, memory_order_relaxed);
	for (unsigned i = 0; i < move->inputs; i++)
		atomic_store(&move->input[i]->owner, move->to | DP_OWNER_HOLD);
}

void dp_worker_take(struct dp_worker *worker, struct dp_move *move)
{
	struct rte_mbuf *mbufs[DP_BURST];
	unsigned n;

	DP_WIRE_SWAP(*move->take, worker->roster);
	for (unsigned i = 0; i < move->ports; i++)
		atomic_store_explicit(&move->port[i]->rx_worker, worker->index, memory_order_relaxed);
	for (unsigned i = 0; i < move->inputs; i++)
		atomic_store(&move->input[i]->owner, worker->index);
	while ((n = dp_owner_release(worker, mbufs, DP_BURST)))
		dp_worker_walk(worker, mbufs, n);
	atomic_store_explicit(&worker->drained, false, memory_order_relaxed);
}
