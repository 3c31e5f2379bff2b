// SPDX-License-Identifier: GPL-3.0-or-later
// From a CW_provision to a question for the vault, and from its answer to an ECM_response.
//
// Refs: ETSI TS 103 197 clauses 5.5.7 and 5.5.8. Threads: the loop's. Owns: nothing.
// Secrets: control words go from the connection's buffer straight into locked pages.
#pragma once

#include <stdint.h>

#include <km_msg.h>

#include "ecmg/channel.h"

struct cas_ecmg;

// Takes one CW_provision of a stream: asks, or answers with stream_error in its turn.
void cas_provision_take(struct cas_stream *stream, const struct sim_msg *msg);

// Answers what the vault was asked; `result` BORROWED. False when they do not belong together.
bool cas_provision_answer(struct cas_ecmg *ecmg, const struct km_msg_ecm_result *result);

// Sends what waits to the vault, when it is free, and answers refused questions whose turn has come.
void cas_provision_flush(struct cas_ecmg *ecmg);

// Gives up what has waited too long.
void cas_provision_expire(struct cas_ecmg *ecmg);
