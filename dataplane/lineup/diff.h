// SPDX-License-Identifier: GPL-3.0-or-later
// A line-up that is wanted against the one on air, by name: what stays, what changes, what goes and what comes.
//
//            stays   same name, nothing differs
//            changes an output with another address, or a service with another transform: it keeps its place and state
//            goes    its name is not wanted any more, or something else of it differs
//            comes   its name is new, or its namesake goes: it gets a place of its own and begins anew
//
// Threads: any; pure. Owns: nothing.
// Errors: -ENOSPC by name, when there are more than the capacity or no place is free.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <base_err.h>

#include "lineup/lineup.h"

enum dp_fate { DP_FATE_FREE, DP_FATE_STAYS, DP_FATE_CHANGES, DP_FATE_GOES, DP_FATE_COMES };

// In place of a place.
#define DP_DIFF_NONE UINT_MAX

struct dp_diff {
	// The place of each object that is wanted, in the order of its configuration; of a service's group too.
	unsigned input[DP_CONF_INPUTS_MAX], output[DP_CONF_OUTPUTS_MAX], service[DP_CONF_SERVICES_MAX];
	unsigned group[DP_CONF_SERVICES_MAX], emm[DP_CONF_EMMS_MAX];
	// What becomes of each place: enum dp_fate.
	uint8_t input_fate[DP_LINEUP_INPUTS_MAX], output_fate[DP_LINEUP_OUTPUTS_MAX];
	uint8_t service_fate[DP_LINEUP_SERVICES_MAX], group_fate[DP_LINEUP_GROUPS_MAX], emm_fate[DP_LINEUP_EMMS_MAX];
};

// Compares `conf`, which dp_conf_check found good, with what is in the places. 0 or -ENOSPC.
int dp_diff_make(struct dp_diff *diff, const struct dp_lineup *lineup, const struct dp_conf *conf,
		 struct base_errs *errs);

// True for what will be there when the difference is on air.
static inline bool dp_fate_lasts(uint8_t fate)
{
	return fate == DP_FATE_STAYS || fate == DP_FATE_CHANGES || fate == DP_FATE_COMES;
}
