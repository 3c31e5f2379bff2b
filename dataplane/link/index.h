// SPDX-License-Identifier: GPL-3.0-or-later
// The indexes of one line-up of a connection, and the places of the plant that they stand for. Names tie the two: a
// controller lists what it likes in the order it likes, and a place is where something was put when it came on air.
//
// Refs: dataplane/api/dp_msg.h. Threads: main. Owns: nothing. Errors: none.
#pragma once

#include <dp_msg.h>

#include "lineup/lineup.h"
#include "link/gather.h"

// Places by index, each DP_MSG_NONE once what the name stood for has gone.
struct dp_index {
	uint32_t serial; // of the line-up; 0: none
	unsigned inputs, groups, services, emms;
	uint16_t input[DP_MSG_INPUTS_MAX];
	uint16_t group[DP_MSG_GROUPS_MAX];
	uint16_t service[DP_MSG_SERVICES_MAX];
	uint16_t emm[DP_MSG_EMMS_MAX];
};

// Indexes by place, DP_MSG_NONE for what the line-up does not have.
struct dp_index_back {
	uint16_t input[DP_LINEUP_INPUTS_MAX];
	uint16_t group[DP_LINEUP_GROUPS_MAX];
	uint16_t service[DP_LINEUP_SERVICES_MAX];
};

// Finds the places of the line-up that was gathered from `conf` with these groups; all BORROWED for the call.
void dp_index_make(struct dp_index *index, uint32_t serial, const struct dp_conf *conf,
		   const struct dp_gather_group *group, unsigned groups, const struct dp_lineup *lineup);

// The other way round.
void dp_index_turn(struct dp_index_back *back, const struct dp_index *index);
