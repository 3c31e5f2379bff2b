// SPDX-License-Identifier: GPL-3.0-or-later
#include "period/media_clock.h"

#include <dp_stats.h>
#include <ts_packet.h>

static void anchor(struct dp_media_clock *media, uint64_t tick)
{
	media->anchor_27mhz = media->now_27mhz;
	media->anchor_tick = tick;
}

// A PCR that stands still must not keep a control word on air for ever.
static void keep_up(struct dp_media_clock *media, const struct base_clock *clock, uint64_t tick)
{
	uint64_t wall = base_clock_27mhz(clock, tick - media->anchor_tick);
	uint64_t least = wall - wall / 8;

	if (media->now_27mhz - media->anchor_27mhz + DP_MEDIA_CLOCK_BEHIND_27MHZ >= least)
		return;
	media->now_27mhz = media->anchor_27mhz + wall;
	dp_count(&media->jumps, 1);
	anchor(media, tick);
}

void dp_media_clock_pcr(struct dp_media_clock *media, const struct base_clock *clock, uint64_t pcr_27mhz,
			bool discontinuity, uint64_t tick, bool offline)
{
	int64_t step = ts_packet_pcr_diff(pcr_27mhz, media->last_pcr);
	bool jump = discontinuity || step < 0 || step > DP_MEDIA_CLOCK_STEP_MAX_27MHZ;
	uint64_t before = media->now_27mhz;

	if (media->anchored && !jump)
		media->now_27mhz += (uint64_t)step;
	else if ((media->anchored || media->on_wall) && !offline)
		media->now_27mhz += base_clock_27mhz(clock, tick - media->last_tick);
	dp_count(&media->jumps, media->anchored && jump);
	if (!media->anchored || jump)
		anchor(media, tick);
	media->started = media->anchored = true;
	media->on_wall = false;
	media->last_pcr = pcr_27mhz;
	media->last_tick = tick;
	if (!offline)
		keep_up(media, clock, tick);
	media->step_27mhz = media->now_27mhz - before;
}

void dp_media_clock_idle(struct dp_media_clock *media, const struct base_clock *clock, uint64_t tick)
{
	uint64_t silence = tick - media->last_tick;

	if (!media->started) {
		media->started = true;
		media->last_tick = tick;
		return;
	}
	if (!media->on_wall && base_clock_us(clock, silence) < DP_MEDIA_CLOCK_SILENCE_US)
		return;
	media->step_27mhz = base_clock_27mhz(clock, silence);
	media->now_27mhz += media->step_27mhz;
	media->last_tick = tick;
	media->anchored = false;
	media->on_wall = true;
}
