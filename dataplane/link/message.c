// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/message.h"

#include <stdio.h>

enum direction { DOWN, UP };

static const struct {
	const char *name;
	uint32_t bytes;
	enum direction direction;
} registry[DP_MSG_TYPES] = {
#define X(symbol, type, direction) [DP_MSG_##symbol] = {#symbol, sizeof(struct type), direction},
	DP_MSG_TABLE(X)
#undef X
};

const char *dp_link_message_name(uint32_t type)
{
	return type > DP_MSG_NO_TYPE && type < DP_MSG_TYPES ? registry[type].name : "?";
}

bool dp_link_message_check(const union dp_link_message *message, size_t n, char *why)
{
	uint32_t type = n >= sizeof(message->head) ? message->head.type : DP_MSG_NO_TYPE;

	if (n < sizeof(message->head))
		snprintf(why, DP_MSG_TEXT_BYTES, "a message of %zu bytes: the head alone has %zu", n,
			 sizeof(message->head));
	else if (type == DP_MSG_NO_TYPE || type >= DP_MSG_TYPES)
		snprintf(why, DP_MSG_TEXT_BYTES, "type %u is unknown: 1 to %u", type, DP_MSG_TYPES - 1);
	else if (registry[type].direction != DOWN)
		snprintf(why, DP_MSG_TEXT_BYTES, "%s goes from the dataplane to the controller", registry[type].name);
	else if (n != registry[type].bytes || message->head.bytes != n)
		snprintf(why, DP_MSG_TEXT_BYTES, "%s of %zu bytes that says %u: it has %u", registry[type].name, n,
			 message->head.bytes, registry[type].bytes);
	else
		return true;
	return false;
}

struct dp_msg_head dp_link_message_head(enum dp_msg_type type)
{
	return (struct dp_msg_head){.type = type, .bytes = registry[type].bytes};
}
