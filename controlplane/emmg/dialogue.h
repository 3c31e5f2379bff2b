// SPDX-License-Identifier: GPL-3.0-or-later
// The EMMG's side of the dialogue with a MUX, as a table of state, message and handler.
//
// Refs: ETSI TS 103 197 clauses 6.3, 6.5 and 6.6. Threads: the loop's. Owns: nothing.
// Errors: an error of the MUX ends the connection, which is tried again; only 0x000F, exceeded bandwidth, asks for the
// allocation anew.
#pragma once

#include "emmg/emmg.h"

void cas_emmg_hear(struct cas_emmg *emmg, const struct sim_msg *msg);
void cas_emmg_refuse(struct cas_emmg *emmg, const struct sim_msg *msg, const struct sim_error *error);
