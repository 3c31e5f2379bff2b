// SPDX-License-Identifier: GPL-3.0-or-later
#include "period/period.h"

#include <errno.h>

// Without a period running, the first one starts with its message; after that CP_numbers follow one another.
int dp_period_accept(struct dp_period *period, const struct dp_period_msg *msg)
{
	int rc;

	if (msg->cw_bytes != period->slot.ops->cw_bytes ||
	    (period->running && msg->cp_number != (uint16_t)(period->cp_number + 1))) {
		period->stats.messages_refused++;
		return -EINVAL;
	}
	rc = dp_keyslot_publish(&period->slot, msg->cw, msg->cp_number & 1);
	if (rc) {
		period->stats.messages_refused++;
		return rc;
	}
	period->next_cp_number = msg->cp_number;
	period->next_duration_27mhz = msg->duration_27mhz;
	period->next_last = msg->last;
	if (!period->running) {
		period->started_27mhz = period->media.now_27mhz;
		dp_period_flip(period);
	}
	return 0;
}

bool dp_period_due(struct dp_period *period)
{
	if (!period->running || period->duration_27mhz == 0 ||
	    period->media.now_27mhz - period->started_27mhz < period->duration_27mhz)
		return false;
	if (period->slot.have_next)
		return true;
	if (!period->extending && !period->last) {
		period->extending = true;
		period->stats.extended++;
	}
	return false;
}

// An edge met in time keeps the raster of the schedule; one that came late starts a new raster.
void dp_period_flip(struct dp_period *period)
{
	uint64_t late = period->media.now_27mhz - period->started_27mhz - period->duration_27mhz;

	if (period->running && !period->extending && late < period->duration_27mhz)
		period->started_27mhz += period->duration_27mhz;
	else
		period->started_27mhz = period->media.now_27mhz;
	dp_keyslot_promote(&period->slot);
	period->duration_27mhz = period->next_duration_27mhz;
	period->cp_number = period->next_cp_number;
	period->last = period->next_last;
	period->running = true;
	period->extending = false;
	period->stats.periods++;
	atomic_fetch_add_explicit(&period->started, 1, memory_order_release);
}

bool dp_period_stale(const struct dp_period *period)
{
	return dp_keyslot_of(&period->slot, period->slot.current_generation - 1) &&
	       period->media.now_27mhz - period->started_27mhz > period->duration_27mhz / 2;
}
