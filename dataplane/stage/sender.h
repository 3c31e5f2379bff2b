// SPDX-License-Identifier: GPL-3.0-or-later
// Whom an input hears. Several hosts can send to one group, and their packets mixed are no stream: the first that is
// heard is followed, and while it is heard the datagrams of others are refused by name. When it has been silent for
// /source_hold_ms another may take its place, as a spare encoder does.
//
// After such a silence whoever speaks may send another stream than before, under the same PIDs: what the old tables
// let out in clear waits until the new ones have said so (dp_psi_doubt).
//
// An input with a source of its own was filtered at rx. One fed by files has no clock: the first source is followed.
//
// Threads: the worker that owns the input, wherever the datagram was received. Errors: none; refusals are counted.
#pragma once

#include "worker/worker.h"

// Judges a datagram that does not simply go on: the first, one of another source, one after a silence. True when it is
// to be taken.
bool dp_sender_judge(struct dp_worker *worker, const struct dp_dgram *dgram);

// True when the datagram is to be taken.
static inline bool dp_sender_follow(struct dp_worker *worker, const struct dp_dgram *dgram)
{
	struct dp_input *input = dgram->input;

	if (dgram->source != atomic_load_explicit(&input->source, memory_order_relaxed) ||
	    worker->now_tick - input->heard_tick >= worker->source_hold_ticks)
		return dp_sender_judge(worker, dgram);
	input->heard_tick = worker->now_tick;
	return true;
}
