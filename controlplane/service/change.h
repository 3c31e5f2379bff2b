// SPDX-License-Identifier: GPL-3.0-or-later
// Another document in place of the one that holds (cp_control_change in service/control.h): first the dataplane, then
// all others.
//
//   change -> prepared, given to the dataplane -> answered: taken, and it holds; or refused, and the one before is
//   given again, so that the indexes of messages are always those of the newest line-up
//
// Threads: the loop's. Owns: the document that came by a reload, and the one that is on its way.
#pragma once

#include "service/control.h"

// The dataplane has answered to the line-up given last.
void cp_change_answered(struct cp_control *control, int error, const char *text);

// A crypto-period has begun somewhere: gives a line-up without the ECM PIDs that no receiver needs any more.
void cp_change_end_moves(struct cp_control *control);

void cp_change_fini(struct cp_control *control);
