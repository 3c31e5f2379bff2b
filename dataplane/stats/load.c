// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/load.h"

#include "worker/worker.h"

#define PPM 1e6

static uint64_t ticks_of_stages(const struct dp_worker *worker)
{
	uint64_t ticks = 0;

	for (unsigned i = 0; i < DP_STAGES; i++)
		if (i != DP_STAGE_SCRAMBLE)
			ticks += worker->stats.stage_ticks[i];
	return ticks;
}

// What a lane of a full batch takes, as far as it is known.
static double lane_ticks(const struct dp_load_batch *before, const struct dp_batch *batch)
{
	const struct dp_batch_stats *now = &batch->stats;

	if (now->full > before->full)
		return (double)(now->full_ticks - before->full_ticks) /
		       ((double)(now->full - before->full) * batch->ops->lanes);
	if (before->full)
		return before->lane_ticks;
	return (double)now->ticks / ((double)now->batches * batch->ops->lanes);
}

// What the packets of a cipher since the last look cost.
static double cost_of(struct dp_load_batch *before, const struct dp_batch *batch)
{
	const struct dp_batch_stats *now = &batch->stats;
	uint64_t lanes = now->lanes - before->lanes;

	if (lanes == 0)
		return 0;
	*before = (struct dp_load_batch){.lanes = now->lanes,
					 .full = now->full,
					 .full_ticks = now->full_ticks,
					 .lane_ticks = lane_ticks(before, batch)};
	return (double)lanes * before->lane_ticks;
}

void dp_load_look(struct dp_worker *worker)
{
	struct dp_load *load = &worker->load;
	uint64_t elapsed = worker->now_tick - load->looked_tick, stage_ticks;
	double cost;

	if (elapsed < worker->clock->tsc_hz)
		return;
	stage_ticks = ticks_of_stages(worker);
	cost = (double)(stage_ticks - load->stage_ticks);
	for (unsigned i = 0; i < DP_ALGORITHMS; i++)
		cost += cost_of(&load->batch[i], &worker->batch[i]);
	dp_count(&worker->stats.load_ticks, (uint64_t)cost);
	if (load->looked_tick)
		dp_count_set(&worker->stats.load_ppm, (uint64_t)(cost / (double)elapsed * PPM));
	load->looked_tick = worker->now_tick;
	load->stage_ticks = stage_ticks;
}
