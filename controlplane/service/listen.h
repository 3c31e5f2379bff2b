// SPDX-License-Identifier: GPL-3.0-or-later
// Where others come to bulkhead-control: EMMGs to the MUX, bulkhead-api to the operator's socket. A place that somebody
// still listens at is tried again.
//
// Threads: the loop's. Owns: nothing. Errors: -errno of listening.
#pragma once

#include "service/control.h"

// Begins to listen. 0 also when it has to be tried again.
int cp_listen_begin(struct cp_control *control);

// The MUX by another document, `now`, whose difference is control->change: where it stays its connections do.
void cp_listen_change(struct cp_control *control, const struct cp_conf *now);
