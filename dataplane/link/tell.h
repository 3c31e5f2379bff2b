// SPDX-License-Identifier: GPL-3.0-or-later
// What goes up to the controller. All of it is state: what finds no room in the socket is sent later, as it is then,
// so that a controller that does not read blocks nobody and loses nothing but what is old.
//
// Answers come first, and nothing more is heard from a controller before it has them: WELCOME with the GROUP_STATEs,
// LINEUP_RESULT, PERIOD_REFUSED, MOVE_RESULT. Then PERIOD_STATE, ALARM, INPUT_PSI, and the parts of a REPORT.
//
// Refs: dataplane/api/dp_msg.h.
// Threads: main. Owns: the report that is being sent.
// Errors: those of `send`, when the connection is broken; -EAGAIN is none.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dp_msg.h>

#include "link/index.h"
#include "period/view.h"

struct dp_plant;

// Sends one message (BORROWED), whole or not at all: 0, -EAGAIN when there is no room, or another -errno.
typedef int dp_tell_send_fn(void *to, const void *message, size_t n);

struct dp_tell_group {
	bool told;
	struct dp_period_view view; // as told last
};

struct dp_tell_report {
	char *text; // NULL: none is being sent
	size_t total, at;
	uint32_t serial;
	uint64_t due_ms;
	uint64_t skipped; // because the one before was not read yet
};

struct dp_tell {
	struct dp_plant *plant;
	dp_tell_send_fn *send;
	void *to;
	uint64_t boot_id;
	struct dp_msg_group_state *secret; // in the arena: holds control words while it is sent
	bool welcome_due, result_due, refused_due, moved_due;
	unsigned group_states; // that were sent since the WELCOME
	struct dp_msg_result result;
	struct dp_msg_refused refused;
	struct dp_msg_move_result moved;
	bool indexed; // it has a line-up on air: what has indexes can be told
	struct dp_index_back index;
	// By place: what was told last of the periods of a group, and of the sections of an input and a service.
	struct dp_tell_group group[DP_LINEUP_GROUPS_MAX];
	unsigned input_serial[DP_LINEUP_INPUTS_MAX], service_serial[DP_LINEUP_SERVICES_MAX];
	struct dp_tell_report report;
};

// `plant` and `secret` BORROWED.
void dp_tell_init(struct dp_tell *tell, struct dp_plant *plant, struct dp_msg_group_state *secret, uint64_t boot_id);
void dp_tell_fini(struct dp_tell *tell);

// A new controller listens: it is told everything, beginning with WELCOME.
void dp_tell_begin(struct dp_tell *tell, dp_tell_send_fn *send, void *to, uint64_t now_ms);

// The line-up of these indexes (BORROWED for the call) is on air.
void dp_tell_index(struct dp_tell *tell, const struct dp_index *index);

// The answer to a line-up, to a period that was not even sent to its worker, and to a move (BORROWED).
void dp_tell_result(struct dp_tell *tell, int error, uint32_t serial, const char *text);
void dp_tell_refused(struct dp_tell *tell, uint16_t group, uint16_t cp_number, int error);
void dp_tell_moved(struct dp_tell *tell, const struct dp_msg_move *move, int error, const char *text);

// True when the controller has all its answers: it may be heard.
bool dp_tell_answered(const struct dp_tell *tell);

// Sends what there is to tell. 0, or -errno when the connection is broken.
int dp_tell_go_on(struct dp_tell *tell, uint64_t now_ms);

// Parts of it: 0 when all is told, -EAGAIN, or another -errno.
int dp_tell_psi(struct dp_tell *tell);
int dp_tell_report(struct dp_tell *tell, uint64_t now_ms);
