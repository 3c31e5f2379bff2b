// SPDX-License-Identifier: GPL-3.0-or-later
// The ECMG's side of the dialogue with an SCS, as a table of state, message and handler.
//
//   IDLE --channel_setup--> OPEN --channel_close, error 0x7001, too many refused messages--> CLOSING
//
// Refs: ETSI TS 103 197 clauses 5.2, 5.3, 5.5 and 5.6. Threads: the loop's. Owns: nothing.
// Errors: what an SCS does wrong is answered with the standard's error_status: of a stream that is known as
// stream_error, everything else as channel_error. Only the connection that did it feels it.
#pragma once

#include "ecmg/channel.h"

// Refused messages in a row after which a connection is closed.
#define CAS_REFUSED_MAX 8

// A message that its table has found good.
void cas_dialogue_hear(struct cas_channel *channel, const struct sim_msg *msg);
// One that its table refuses; `msg` has what could be read.
void cas_dialogue_refuse(struct cas_channel *channel, const struct sim_msg *msg, const struct sim_error *error);
