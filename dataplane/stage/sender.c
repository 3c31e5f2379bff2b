// SPDX-License-Identifier: GPL-3.0-or-later
#include "stage/sender.h"

#include "psi/psi.h"

// Counters that went on in what the one before sent say nothing of what comes now.
static void change(struct dp_input *input)
{
	input->rtp_started = false;
	for (unsigned i = 0; i < TS_PIDS; i++)
		input->pid[i].seen = false;
	dp_count(&input->stats.source_changes, 1);
}

bool dp_sender_judge(struct dp_worker *worker, const struct dp_dgram *dgram)
{
	struct dp_input *input = dgram->input;
	bool first = input->heard_tick == 0;
	bool other = !first && dgram->source != atomic_load_explicit(&input->source, memory_order_relaxed);
	bool silent =
		!first && !input->port->offline && worker->now_tick - input->heard_tick >= worker->source_hold_ticks;

	if (other && !silent && input->conf->source == 0) {
		dp_count(&input->stats.drops[DP_DROP_SECOND_SOURCE], 1);
		atomic_store_explicit(&input->refused, dgram->source, memory_order_relaxed);
		return false;
	}
	if (other)
		change(input);
	if (other || silent)
		dp_psi_doubt(input);
	atomic_store_explicit(&input->source, dgram->source, memory_order_relaxed);
	input->heard_tick = worker->now_tick;
	return true;
}
