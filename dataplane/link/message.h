// SPDX-License-Identifier: GPL-3.0-or-later
// The registry of messages: sizes, directions and names, out of DP_MSG_TABLE.
//
// Threads: any; const. Owns: nothing. Errors: a text for the BYE.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <dp_msg.h>

// Room for any message that comes down.
union dp_link_message {
	struct dp_msg_head head;
	struct dp_msg_hello hello;
	struct dp_msg_lineup lineup;
	struct dp_msg_input input;
	struct dp_msg_output output;
	struct dp_msg_group group;
	struct dp_msg_service service;
	struct dp_msg_emm_stream emm_stream;
	struct dp_msg_lineup_end lineup_end;
	struct dp_msg_period period;
	struct dp_msg_emm_data emm_data;
	struct dp_msg_move move;
};

// Name of a type; "?" for one that there is not.
const char *dp_link_message_name(uint32_t type);

// Size and type of a message of `n` bytes that came down (BORROWED). True when they are right; otherwise `why`
// (DP_MSG_TEXT_BYTES) says what is not.
bool dp_link_message_check(const union dp_link_message *message, size_t n, char *why);

// The head of a message of this type that goes up.
struct dp_msg_head dp_link_message_head(enum dp_msg_type type);
