// SPDX-License-Identifier: GPL-3.0-or-later
#include "period/media_clock.h"

#include <ts_packet.h>

void dp_media_clock_pcr(struct dp_media_clock *media, const struct base_clock *clock, uint64_t pcr_27mhz,
			bool discontinuity, uint64_t tick, bool offline)
{
	int64_t step = ts_packet_pcr_diff(pcr_27mhz, media->last_pcr);
	bool jump = discontinuity || step < 0 || step > DP_MEDIA_CLOCK_STEP_MAX_27MHZ;

	if (media->anchored && !jump)
		media->now_27mhz += (uint64_t)step;
	else if ((media->anchored || media->on_wall) && !offline)
		media->now_27mhz += base_clock_27mhz(clock, tick - media->last_tick);
	media->jumps += media->anchored && jump;
	media->started = media->anchored = true;
	media->on_wall = false;
	media->last_pcr = pcr_27mhz;
	media->last_tick = tick;
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
	media->now_27mhz += base_clock_27mhz(clock, silence);
	media->last_tick = tick;
	media->anchored = false;
	media->on_wall = true;
}
