// SPDX-License-Identifier: GPL-3.0-or-later
// Which worker is to own which input.
//
// Inputs that share a scrambling group or an output stay together, and so do those that read or feed one offline port,
// which only one worker can serve. While a line-up gives way to another, what they share in either counts.
//
// Threads: main; pure. Owns: nothing. Errors: none.
#pragma once

#include "lineup/diff.h"

struct dp_assign {
	unsigned worker[DP_LINEUP_INPUTS_MAX]; // by place; of places in use before or after
};

// For the wanted line-up: inputs that are there stay where they are, unless they are to be joined; what comes goes with
// those it shares something with, or to the worker with the least inputs.
void dp_assign_make(struct dp_assign *assign, const struct dp_lineup *lineup, const struct dp_diff *diff,
		    const struct dp_conf *conf);

// For what is on air, with `input` and all that shares something with it at `worker`.
void dp_assign_move(struct dp_assign *assign, const struct dp_lineup *lineup, const struct dp_conf *machine,
		    unsigned input, unsigned worker);
