// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/static.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lineup/lineup.h"
#include "worker/order.h"
#include "worker/worker.h"

enum { MESSAGES_PER_GROUP = 2, TICKS_27MHZ_PER_MS = 27000 };

static unsigned messages_of(const struct dp_lineup *lineup)
{
	return MESSAGES_PER_GROUP * lineup->groups;
}

size_t dp_static_source_arena_bytes(const struct dp_lineup *lineup, unsigned workers)
{
	return workers * messages_of(lineup) * dp_arena_cost(sizeof(struct dp_order));
}

int dp_static_source_init(struct dp_static_source *source, const struct dp_keyfile *keyfile, struct dp_lineup *lineup,
			  struct dp_worker *workers, unsigned n, struct dp_arena *arena)
{
	*source = (struct dp_static_source){.keyfile = keyfile, .lineup = lineup, .workers = workers};
	source->sent = calloc(lineup->groups + 1, sizeof(*source->sent));
	if (!source->sent)
		return -ENOMEM;
	for (unsigned w = 0; w < n; w++)
		for (unsigned i = 0; i < messages_of(lineup); i++) {
			void *order = dp_arena_take(arena, sizeof(struct dp_order));

			if (!order || rte_ring_enqueue(workers[w].spare, order))
				return -ENOMEM;
		}
	return 0;
}

void dp_static_source_fini(struct dp_static_source *source)
{
	free(source->sent);
	*source = (struct dp_static_source){0};
}

static bool more(const struct dp_keyfile_group *keys, uint64_t sent)
{
	return keys->repeat || sent < keys->cps;
}

static void fill(const struct dp_static_source *source, struct dp_order *order, unsigned index)
{
	struct dp_period_msg *msg = &order->period;
	const struct dp_keyfile_group *keys = source->lineup->group[index].keys;
	uint64_t turn = source->sent[index];

	*order = (struct dp_order){.kind = DP_ORDER_PERIOD};
	msg->group = (uint16_t)index;
	msg->cp_number = (uint16_t)(keys->first_cp_number + turn);
	msg->algorithm = (uint8_t)source->lineup->group[index].algorithm;
	msg->cw_bytes = keys->cw_bytes;
	msg->duration_27mhz = (uint64_t)keys->period_ms * TICKS_27MHZ_PER_MS;
	msg->last = !more(keys, turn + 1);
	memcpy(msg->cw, dp_keyfile_cw(source->keyfile, keys, turn % keys->cps), keys->cw_bytes);
}

// True when the period sent last is on air, or none was sent yet.
static bool wanted(const struct dp_static_source *source, unsigned index)
{
	const struct dp_group *group = &source->lineup->group[index];
	struct dp_period_view view;

	if (source->sent[index] == 0)
		return true;
	dp_period_view_read(&group->period, &view);
	return view.running && view.cp_number == (uint16_t)(group->keys->first_cp_number + source->sent[index] - 1) &&
	       more(group->keys, source->sent[index]);
}

// Of each group, the period on air and the next are with the worker; no CW leaves the key file earlier.
unsigned dp_static_source_poll(struct dp_static_source *source)
{
	unsigned count = 0;

	for (unsigned i = 0; i < source->lineup->groups; i++) {
		struct dp_worker *worker = &source->workers[source->lineup->group[i].worker];
		void *order;

		if (!wanted(source, i) || rte_ring_dequeue(worker->spare, &order))
			continue;
		fill(source, order, i);
		source->sent[i]++;
		rte_ring_enqueue(worker->inbox, order);
		count++;
	}
	return count;
}
