// SPDX-License-Identifier: GPL-3.0-or-later
// Values of a PERIOD and of EMM packets that are in no range the contract knows.
//
// Refs: dataplane/api/dp_msg.h. Threads: any; pure functions. Owns: nothing. Errors: a text for the BYE.
#pragma once

#include <stdbool.h>

#include <dp_msg.h>

// An ECM begins and ends at most so long before or after its period's edges.
#define DP_RANGE_OFFSET_MS 60000

// True when all numbers are in range; otherwise `why` (DP_MSG_TEXT_BYTES) says which is not.
bool dp_range_period(const struct dp_msg_period *period, unsigned groups, char *why);
bool dp_range_emm_data(const struct dp_msg_emm_data *data, unsigned emms, char *why);
