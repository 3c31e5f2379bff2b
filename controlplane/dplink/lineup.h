// SPDX-License-Identifier: GPL-3.0-or-later
// The line-up as the dataplane's messages, one at a time, so that it is sent as fast as it is taken.
//
// Refs: dataplane/api/dp_msg.h. Threads: any; pure. Owns: nothing.
#pragma once

#include <dp_msg.h>

#include "service/conf.h"

// Any message of a line-up.
union cp_lineup_msg {
	struct dp_msg_head head;
	struct dp_msg_lineup lineup;
	struct dp_msg_input input;
	struct dp_msg_output output;
	struct dp_msg_group group;
	struct dp_msg_service service;
	struct dp_msg_emm_stream emm;
	struct dp_msg_lineup_end end;
};

// Writes message `index` (from 0) of the line-up. False after the last.
bool cp_lineup_message(union cp_lineup_msg *out, const struct cp_conf *conf, uint32_t serial, unsigned index);
