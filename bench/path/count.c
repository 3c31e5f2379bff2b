// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/count.h"

#include "plant.h"

// Sums over workers.
struct sums {
	uint64_t pkts, ticks, replay, sink, lanes, keys, batches, stage[DP_STAGES];
	double pkts_per_s, wall_pkts_per_s, undisturbed;
};

// A window without one undisturbed slice counts as it is.
static const struct bench_count *usable(const struct bench_window *window)
{
	return window->good.ts_pkts ? &window->good : &window->all;
}

static void add_window(struct sums *sums, const struct bench_window *window, const struct base_clock *clock)
{
	const struct bench_count *count = usable(window);
	uint64_t pkts = count->ts_pkts, own = count->tick - count->replay_ticks - count->sink_ticks;
	double hz = (double)clock->tsc_hz, undisturbed = (double)window->good.tick / (double)window->all.tick;

	sums->undisturbed = undisturbed < sums->undisturbed ? undisturbed : sums->undisturbed;
	sums->pkts += pkts;
	sums->replay += count->replay_ticks;
	sums->sink += count->sink_ticks;
	sums->ticks += own;
	sums->pkts_per_s += (double)pkts * hz / (double)own;
	sums->wall_pkts_per_s += (double)pkts * hz / (double)count->tick;
	sums->lanes += count->lanes;
	sums->keys += count->keys;
	sums->batches += count->batches;
	for (unsigned s = 0; s < DP_STAGES; s++)
		sums->stage[s] += count->stage_ticks[s];
}

// Without packets there is nothing to divide by: a worker that owns no service.
static double per(double value, uint64_t n)
{
	return n ? value / (double)n : 0;
}

void bench_count_windows(struct bench_sample *sample, const struct bench_window *windows, unsigned workers,
			 const struct base_clock *clock)
{
	struct sums sums = {.undisturbed = 1};
	uint64_t staged = 0;

	for (unsigned w = 0; w < workers; w++)
		if (windows[w].all.ts_pkts)
			add_window(&sums, &windows[w], clock);
	// Replay and sink are called inside rx and tx.
	sums.stage[DP_STAGE_RX] -= sums.replay;
	sums.stage[DP_STAGE_TX] -= sums.sink;
	for (unsigned s = 0; s < DP_STAGES; s++) {
		staged += sums.stage[s];
		sample->stage[s] = per((double)sums.stage[s], sums.pkts);
	}
	sample->undisturbed = sums.undisturbed;
	sample->pkts = sums.pkts;
	sample->pkts_per_s = sums.pkts_per_s;
	sample->wall_pkts_per_s = sums.wall_pkts_per_s;
	sample->total = per((double)sums.ticks, sums.pkts);
	sample->other = per((double)sums.ticks - (double)staged, sums.pkts);
	sample->replay = per((double)sums.replay, sums.pkts);
	sample->sink = per((double)sums.sink, sums.pkts);
	sample->lanes = per((double)sums.lanes, sums.batches);
	sample->keys = per((double)sums.keys, sums.batches);
	sample->lane_share = per((double)sums.lanes, sums.pkts);
}

static void add_drops(struct bench_outcome *outcome, const uint64_t *drops)
{
	for (unsigned i = 0; i < DP_DROPS; i++) {
		outcome->dropped_pkts += drops[i];
		outcome->guard_drops += dp_drop_is_guard((enum dp_drop)i) ? drops[i] : 0;
	}
}

void bench_count_plant(struct bench_outcome *outcome, const struct dp_plant *plant)
{
	const struct dp_lineup *lineup = &plant->lineup;

	for (unsigned i = 0; i < plant->workers; i++)
		add_drops(outcome, plant->worker[i].stats.drops);
	for (unsigned i = 0; i < lineup->inputs; i++)
		add_drops(outcome, lineup->input[i].stats.drops);
	for (unsigned i = 0; i < lineup->outputs; i++)
		add_drops(outcome, lineup->output[i].stats.drops);
	for (unsigned i = 0; i < lineup->services; i++)
		add_drops(outcome, lineup->service[i].stats.drops);
	for (unsigned i = 0; i < lineup->groups; i++)
		outcome->extended += lineup->group[i].period.stats.extended;
}
