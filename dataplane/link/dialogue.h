// SPDX-License-Identifier: GPL-3.0-or-later
// The dialogue with the controller that is obeyed: a table {state, message, handler}.
//
//   GREETED     its line-up is awaited
//   GATHERING   its line-up comes
//   ON_AIR      its line-up is the one on air: periods, transforms and EMMs are taken
//
// Refs: dataplane/api/dp_msg.h.
// Threads: main. Owns: the configuration of the line-up on air, and the one that is being gathered.
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

// Builds and starts a line-up; `conf` is BORROWED until the dialogue ends. 0, or -errno with the reasons in `errs`.
typedef int dp_dialogue_build_fn(void *context, const struct dp_conf *conf, struct base_errs *errs);

struct dp_dialogue {
	enum dp_dialogue_state state;
	bool taken; // its line-up is on air, even while another one comes
	struct dp_plant *plant;
	dp_dialogue_build_fn *build;
	void *context;
	struct dp_conf *air;          // line-up on air, with the transforms wanted last; NULL: nothing yet
	uint32_t serial;              // of the line-up that is being gathered
	struct dp_index index, older; // of the line-up taken last, and of the one before
	struct dp_gather gather;
	struct dp_tell tell;
	char why[DP_MSG_TEXT_BYTES];
};

// `machine`, `plant` and `secret` BORROWED for the dialogue's life.
void dp_dialogue_init(struct dp_dialogue *dialogue, const struct dp_conf *machine, struct dp_plant *plant,
		      dp_dialogue_build_fn *build, void *context, struct dp_msg_group_state *secret, uint64_t boot_id);

// Frees what the line-up on air was made from: the plant has been unwound.
void dp_dialogue_fini(struct dp_dialogue *dialogue);

// A new controller is obeyed.
void dp_dialogue_begin(struct dp_dialogue *dialogue, dp_tell_send_fn *send, void *to, uint64_t now_ms);

// Takes one message of the right size and direction (BORROWED; the caller scrubs it). 0 or -EPROTO.
int dp_dialogue_take(struct dp_dialogue *dialogue, const union dp_link_message *message);

// The transform of a service that was gathered goes on air.
void dp_dialogue_transform(struct dp_dialogue *dialogue, unsigned service);

// Handlers of what comes while a line-up is on air (on_air.c).
int dp_dialogue_period(struct dp_dialogue *dialogue, const union dp_link_message *message);
int dp_dialogue_service(struct dp_dialogue *dialogue, const union dp_link_message *message);
int dp_dialogue_emm_data(struct dp_dialogue *dialogue, const union dp_link_message *message);
