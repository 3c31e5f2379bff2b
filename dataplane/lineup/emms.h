// SPDX-License-Identifier: GPL-3.0-or-later
// Between the EMM streams of a line-up and the outputs that send them: an output that goes on sending a stream keeps
// its cursor in it, one that begins gets one, one that ends gives it back.
//
// Threads: main. Owns: nothing; queues belong to the streams. Errors: -ENOMEM.
#pragma once

#include "lineup/wire.h"

// Lists the streams of each output, with queues for streams that come.
int dp_emms_connect(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		    const struct dp_conf *conf);

// Fills the place of a stream that comes, and frees one that went.
void dp_emms_begin(struct dp_wires *wires, struct dp_lineup *lineup, unsigned place);
void dp_emms_end(struct dp_lineup *lineup, unsigned place);

// Gives back the cursors of `list` that are not in `kept` and whose streams last.
void dp_emms_part(struct dp_lineup *lineup, const struct dp_diff *diff, const struct dp_output_emm *list, unsigned n,
		  const struct dp_output_emm *kept, unsigned kept_n);
