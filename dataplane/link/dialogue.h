// SPDX-License-Identifier: GPL-3.0-or-later
// The dialogue with the controller that is obeyed: a table {state, message, handler}.
//
//   GREETED     its line-up is awaited
//   GATHERING   a line-up of it comes
//   ON_AIR      a line-up of it is on air, or was taken before the one that is coming
//
// A line-up that is whole and good is brought on air by the plant while the dialogue goes on; so is a move. One such
// change is on its way at a time, and its result is told when it is there.
//
// Refs: dataplane/api/dp_msg.h.
// Threads: main. Owns: the configuration that is being gathered.
// Errors: -EPROTO with the text of the BYE in `why`.
#pragma once

#include <base_err.h>
#include <dp_msg.h>

#include "link/gather.h"
#include "link/index.h"
#include "link/message.h"
#include "link/tell.h"

struct dp_plant;

enum dp_dialogue_state { DP_DIALOGUE_GREETED, DP_DIALOGUE_GATHERING, DP_DIALOGUE_ON_AIR, DP_DIALOGUE_STATES };

// What the plant does for this controller.
enum dp_dialogue_change { DP_CHANGE_NONE, DP_CHANGE_LINEUP, DP_CHANGE_MOVE };

struct dp_dialogue {
	enum dp_dialogue_state state;
	enum dp_dialogue_change change;
	struct dp_plant *plant;
	uint32_t serial;                      // of the line-up that is being gathered
	struct dp_index coming, index, older; // of the line-up on its way, the one taken last, and the one before
	struct dp_msg_move move;              // on its way
	struct dp_gather gather;
	struct dp_tell tell;
	char why[DP_MSG_TEXT_BYTES];
};

// `machine`, `plant` and `secret` BORROWED for the dialogue's life.
void dp_dialogue_init(struct dp_dialogue *dialogue, const struct dp_conf *machine, struct dp_plant *plant,
		      struct dp_msg_group_state *secret, uint64_t boot_id);
void dp_dialogue_fini(struct dp_dialogue *dialogue);

// A new controller is obeyed. What the plant still does for the one before is finished, and told to nobody.
void dp_dialogue_begin(struct dp_dialogue *dialogue, dp_tell_send_fn *send, void *to, uint64_t now_ms);

// Takes one message of the right size and direction (BORROWED; the caller scrubs it). 0 or -EPROTO.
int dp_dialogue_take(struct dp_dialogue *dialogue, const union dp_link_message *message);

// Sees whether what the plant does for this controller is done.
void dp_dialogue_tend(struct dp_dialogue *dialogue);

// Handlers of what refers to a line-up that was taken (on_air.c).
int dp_dialogue_period(struct dp_dialogue *dialogue, const union dp_link_message *message);
int dp_dialogue_emm_data(struct dp_dialogue *dialogue, const union dp_link_message *message);
int dp_dialogue_move(struct dp_dialogue *dialogue, const union dp_link_message *message);
