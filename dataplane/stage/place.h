// SPDX-License-Identifier: GPL-3.0-or-later
// Places in output datagrams, one after the other, and the rate at which they are given.
//
// Threads: the worker that owns the output. Errors: none; a packet without a buffer is counted.
#pragma once

#include <string.h>

#include "stage/stage.h"

// What a constant rate may owe; beyond it the rate is another.
enum { DP_PLACE_BALANCE_MAX = 1000 };

// Opens a datagram behind the output's header, for seven slots; NULL when there is no buffer.
struct rte_mbuf *dp_place_open(struct dp_worker *worker, struct dp_output *output);

// Takes the next slot of the output, a null packet unless its kind is one that the caller writes at once. NULL when
// there is no buffer: the packet is lost, and counted.
static inline struct dp_dgram *dp_place_take(struct dp_worker *worker, struct dp_output *output, enum dp_slot_kind kind,
					     uint8_t *slot)
{
	struct rte_mbuf *mbuf = output->open ? output->open : dp_place_open(worker, output);

	if (!mbuf) {
		dp_count(&output->stats.drops[DP_DROP_NO_BUFFER], 1);
		return NULL;
	}
	struct dp_dgram *dgram = dp_dgram_of(mbuf);

	*slot = dgram->slots++;
	dgram->kind[*slot] = (uint8_t)kind;
	// Others are written at once by who takes them.
	if (kind == DP_SLOT_NULL || kind == DP_SLOT_WAITS)
		memcpy(dgram->ts + *slot * TS_PACKET_BYTES, worker->null_packet, TS_PACKET_BYTES);
	if (dgram->slots == DP_DGRAM_SLOTS)
		dp_stage_close(worker, output, false);
	return dgram;
}

static inline void dp_place_null(struct dp_worker *worker, struct dp_output *output)
{
	uint8_t slot;

	dp_place_take(worker, output, DP_SLOT_NULL, &slot);
}

// Copies a packet into the next slot, and returns it there; or NULL.
static inline uint8_t *dp_place_put(struct dp_worker *worker, struct dp_output *output, const uint8_t *packet,
				    enum dp_slot_kind kind)
{
	uint8_t slot;
	struct dp_dgram *dgram = dp_place_take(worker, output, kind, &slot);

	return dgram ? memcpy(dgram->ts + slot * TS_PACKET_BYTES, packet, TS_PACKET_BYTES) : NULL;
}

static inline bool dp_place_constant(const struct dp_input *input)
{
	return input->outputs == 1 && input->since_null < DP_SINCE_NULL_MAX;
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
