// SPDX-License-Identifier: GPL-3.0-or-later
#include "period/period.h"

#include <errno.h>

#include "worker/serial.h"

#define PUBLISH_27MHZ (27000000 / 50)

// After the one on air CP_numbers follow one another; without one, any may be the first.
int dp_period_accept(struct dp_period *period, const struct dp_period_msg *msg, const struct dp_cipher_ops *ops,
		     void *scratch)
{
	int rc;

	if (msg->cw_bytes != dp_algorithm[ops->algorithm].cw_bytes ||
	    (period->running && msg->cp_number != (uint16_t)(period->cp_number + 1))) {
		dp_count(&period->stats.messages_refused, 1);
		return -EINVAL;
	}
	rc = dp_keyslot_publish(&period->slot, ops, scratch, msg->cw, msg->cp_number & 1);
	if (rc) {
		dp_count(&period->stats.messages_refused, 1);
		return rc;
	}
	period->next_cp_number = msg->cp_number;
	period->next_duration_27mhz = msg->duration_27mhz;
	period->next_flip_27mhz = msg->flip_27mhz;
	period->next_last = msg->last;
	period->next_ecm_on_air = false;
	period->lead_until_27mhz = msg->lead ? DP_PERIOD_NEVER : 0;
	// Media time stands still while a file waits for this very period: its ECMs can lead by their place alone.
	if (period->offline && !period->running)
		period->next_flip_27mhz = period->lead_until_27mhz = 0;
	if (!period->running && dp_period_due(period))
		dp_period_flip(period);
	dp_period_publish(period);
	return 0;
}

static uint64_t end_of(const struct dp_period *period)
{
	if (!period->running)
		return 0;
	return period->duration_27mhz ? period->started_27mhz + period->duration_27mhz : DP_PERIOD_NEVER;
}

uint64_t dp_period_edge(const struct dp_period *period)
{
	uint64_t end = end_of(period);

	return period->next_flip_27mhz > end ? period->next_flip_27mhz : end;
}

static void extend(struct dp_period *period)
{
	if (period->extending || period->last)
		return;
	period->extending = true;
	dp_count(&period->stats.extended, 1);
}

bool dp_period_due(struct dp_period *period)
{
	uint64_t now = period->media.now_27mhz;

	if (!period->slot.have_next) {
		if (period->running && now >= end_of(period))
			extend(period);
		return false;
	}
	if (now < dp_period_edge(period))
		return false;
	if (now >= period->lead_until_27mhz)
		return true;
	// The next came too late for its ECM.
	if (period->running && now - dp_period_edge(period) > DP_PERIOD_SLACK_27MHZ)
		extend(period);
	return false;
}

// An edge met in time keeps the raster of the schedule; one that came late starts a new raster.
void dp_period_flip(struct dp_period *period)
{
	uint64_t edge = dp_period_edge(period), late = period->media.now_27mhz - edge;

	if (period->running && !period->extending && late < period->duration_27mhz)
		period->started_27mhz = edge;
	else
		period->started_27mhz = period->media.now_27mhz;
	dp_keyslot_promote(&period->slot);
	period->duration_27mhz = period->next_duration_27mhz;
	period->cp_number = period->next_cp_number;
	period->last = period->next_last;
	period->ecm_on_air = period->next_ecm_on_air;
	period->next_ecm_on_air = false;
	period->running = true;
	period->extending = false;
	dp_count(&period->stats.periods, 1);
	dp_period_publish(period);
}

bool dp_period_stale(const struct dp_period *period)
{
	return dp_keyslot_previous(&period->slot) &&
	       period->media.now_27mhz - period->started_27mhz > period->duration_27mhz / 2;
}

void dp_period_publish(struct dp_period *period)
{
	struct dp_period_window *window = &period->window;
	const struct dp_period_view *old = &window->view;
	const struct dp_period_view view = {.running = period->running,
					    .have_next = period->slot.have_next,
					    .next_ecm_on_air = period->next_ecm_on_air,
					    .ecm_on_air = period->ecm_on_air,
					    .extending = period->extending,
					    .on_wall = period->media.on_wall,
					    .cp_number = period->cp_number,
					    .next_cp_number = period->next_cp_number,
					    .algorithm = (uint8_t)dp_period_algorithm(period, DP_ALGORITHMS),
					    .started_27mhz = period->started_27mhz,
					    .now_27mhz = period->media.now_27mhz};

	if (view.running == old->running && view.have_next == old->have_next &&
	    view.next_ecm_on_air == old->next_ecm_on_air && view.ecm_on_air == old->ecm_on_air &&
	    view.extending == old->extending && view.on_wall == old->on_wall && view.cp_number == old->cp_number &&
	    view.next_cp_number == old->next_cp_number && view.started_27mhz == old->started_27mhz &&
	    view.now_27mhz - old->now_27mhz < PUBLISH_27MHZ)
		return;
	dp_serial_begin(&window->serial);
	dp_serial_put(&window->view, &view, sizeof(view));
	dp_serial_end(&window->serial);
}

void dp_period_view_read(const struct dp_period *period, struct dp_period_view *out)
{
	unsigned looked;

	do {
		looked = dp_serial_look(&period->window.serial);
		dp_serial_get(out, &period->window.view, sizeof(*out));
	} while (dp_serial_moved(&period->window.serial, looked));
}
