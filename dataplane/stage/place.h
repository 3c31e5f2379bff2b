// SPDX-License-Identifier: GPL-3.0-or-later
// Places in output datagrams, one after the other, and the rate at which they are given.
//
// A packet that came is only held at first: the place is given, and its bytes stay where they were received. When the
// last place of the datagram is given, all that it holds is laid at once: copied, or put into lanes. So of a thousand
// outputs no datagram lies half full in memory, and each is written while it is in cache. What is made here is laid at
// once, and what is held before it too.
//
// Threads: the worker that owns the output. Errors: none; a packet without a buffer is counted.
#pragma once

#include <string.h>

#include "stage/stage.h"

// What a constant rate may owe; beyond it the rate is another.
enum { DP_PLACE_BALANCE_MAX = 1000 };

// Gives the next place; the output's datagram is laid by dp_stage_batch, or when the place after its last is wanted.
static inline void dp_place_give(struct dp_worker *worker, struct dp_output *output, struct dp_held_pkt held)
{
	if (output->slots == DP_DGRAM_SLOTS)
		dp_stage_close(worker, output, false);
	if (output->slots == 0)
		output->opened_tick = worker->now_tick;
	output->held[output->slots++] = held;
	if (output->slots < DP_DGRAM_SLOTS)
		return;
	if (worker->full_n < DP_BURST_PKTS)
		worker->full[worker->full_n++] = output;
	else
		dp_stage_close(worker, output, false);
}

static inline void dp_place_null(struct dp_worker *worker, struct dp_output *output)
{
	dp_place_give(worker, output, (struct dp_held_pkt){0});
}

// Holds a packet that came for its service's output; with a key, to scramble it.
static inline void dp_place_hold(struct dp_worker *worker, const struct dp_pkt *pkt, struct dp_key *key)
{
	dp_dgram_of(pkt->mbuf)->users++;
	dp_place_give(
		worker, pkt->service->output,
		(struct dp_held_pkt){.bytes = pkt->bytes, .mbuf = pkt->mbuf, .key = key, .service = pkt->service});
}

// Lays what the output holds. False when there is no buffer: all of it is lost, and counted.
bool dp_place_lay(struct dp_worker *worker, struct dp_output *output);

// Copies a packet into the next slot, and returns it there; or NULL.
uint8_t *dp_place_put(struct dp_worker *worker, struct dp_output *output, const uint8_t *packet,
		      enum dp_slot_kind kind);

static inline bool dp_place_constant(const struct dp_input *input)
{
	return input->outputs == 1 && input->null_at && input->stats.in_pkts - input->null_at < DP_SINCE_NULL_MAX;
}

// `more` packets left by the output than came: none at a constant rate, sooner or later.
static inline void dp_place_settle(struct dp_worker *worker, struct dp_output *output, int more)
{
	if (!dp_place_constant(output->input)) {
		output->balance = 0;
		return;
	}
	output->balance += more;
	if (output->balance > DP_PLACE_BALANCE_MAX)
		output->balance = DP_PLACE_BALANCE_MAX;
	for (; output->balance < 0; output->balance++)
		dp_place_null(worker, output);
}
