// SPDX-License-Identifier: GPL-3.0-or-later
// The indexes of one line-up of a connection, and the places of the plant that they stand for. Names tie the two: a
// controller lists what it likes in the order it likes, and a place is where something was put when it came on air.
//
// Refs: dataplane/api/dp_msg.h; lineup/lineup.h (places). Threads: main. Owns: nothing. Errors: none.
#pragma once

#include "lineup/lineup.h"
#include "link/gather.h"

struct dp_indexed {
	char name[DP_MSG_NAME_BYTES];
	uint16_t place; // DP_MSG_NONE: it is not on air
};

struct dp_index {
	uint32_t serial; // of the line-up; 0: none
	unsigned inputs, groups, services, emms;
	struct dp_indexed input[DP_MSG_INPUTS_MAX], group[DP_MSG_GROUPS_MAX], service[DP_MSG_SERVICES_MAX],
		emm[DP_MSG_EMMS_MAX];
};

// Indexes by place, DP_MSG_NONE for what the line-up does not have.
struct dp_index_back {
	uint16_t input[DP_LINEUP_INPUTS_MAX], group[DP_LINEUP_GROUPS_MAX], service[DP_LINEUP_SERVICES_MAX];
};

// Notes the names of the line-up that was gathered (BORROWED for the call), whose serial this is.
void dp_index_note(struct dp_index *index, const struct dp_gather *gather, uint32_t serial);

// Finds the places of the names, as they are now.
void dp_index_find(struct dp_index *index, const struct dp_lineup *lineup);

// The other way round.
void dp_index_turn(struct dp_index_back *back, const struct dp_index *index);
