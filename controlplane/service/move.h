// SPDX-License-Identifier: GPL-3.0-or-later
// The operator moves an input, and with it its services, to another worker of the dataplane. One move at a time.
//
// Refs: dp_msg_move in dataplane/api/dp_msg.h.
// Threads: the loop's. Owns: nothing.
// Errors: told to who asked.
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include <dp_msg.h>

#include "oplink/oplink.h"

struct cp_control;

struct cp_move {
	struct cp_control *control;
	bool asked; // the dataplane has not answered yet
	struct cp_oplink_ticket ticket;
};

void cp_move_init(struct cp_move *move, struct cp_control *control);
// The operator asks. The answer (GIVEN), or NULL: it comes later.
json_t *cp_move_ask(struct cp_move *move, const char *input, json_int_t worker);
// The dataplane answers, or is lost.
void cp_move_result(struct cp_move *move, const struct dp_msg_move_result *msg);
void cp_move_lost(struct cp_move *move);
