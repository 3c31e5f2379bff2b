// SPDX-License-Identifier: GPL-3.0-or-later
// The control words of a group that the dataplane holds in trust for a controller that comes back: those of the
// period on air and of the accepted next one, with what their ECMs have promised. A period's words go when its
// successor is on air.
//
// Threads: main. Owns: nothing; a record lies in the key arena. Errors: none.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <dp_msg.h>

struct dp_held {
	struct dp_msg_held current, next; // `cws` 0: none
	struct dp_msg_held sent;          // on its way to the worker
};

// Notes the words of a period that is sent to the worker (BORROWED).
void dp_held_send(struct dp_held *held, const struct dp_msg_period *period);

// The worker has taken what was sent, or refused it.
void dp_held_taken(struct dp_held *held);
void dp_held_refused(struct dp_held *held);

// The period of this number is on air.
void dp_held_on_air(struct dp_held *held, uint16_t cp_number);
