// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/held.h"

#include <string.h>

#include <base_secret.h>

static void scrub(struct dp_msg_held *record)
{
	base_secret_scrub(record, sizeof(*record));
}

static void move(struct dp_msg_held *to, struct dp_msg_held *from)
{
	*to = *from;
	scrub(from);
}

void dp_held_send(struct dp_held *held, const struct dp_msg_period *period)
{
	held->sent.cp_number = period->cp_number;
	held->sent.cws = period->cws;
	held->sent.cw_bytes = period->cw_bytes;
	held->sent.scrambling_mode = period->scrambling_mode;
	memcpy(held->sent.cw, period->cw, period->cws * sizeof(period->cw[0]));
}

// The worker takes no second next: one that is still noted here has gone on air meanwhile.
void dp_held_taken(struct dp_held *held)
{
	if (held->next.cws)
		move(&held->current, &held->next);
	move(&held->next, &held->sent);
}

void dp_held_refused(struct dp_held *held)
{
	scrub(&held->sent);
}

void dp_held_on_air(struct dp_held *held, uint16_t cp_number)
{
	if (held->next.cws && held->next.cp_number == cp_number)
		move(&held->current, &held->next);
}
