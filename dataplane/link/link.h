// SPDX-License-Identifier: GPL-3.0-or-later
// The controller's socket: who connects, who is obeyed, who has to go.
//
// The newest controller is obeyed, by the epoch of its HELLO. The epoch of the newest one ever seen is kept when it has
// gone: an older one that comes back in such a moment is refused like any other time.
//
// Refs: dataplane/api/dp_msg.h.
// Threads: main. Owns: the socket, its connections, a locked buffer for messages, the dialogue.
// Errors: -errno with the reason in the list.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <base_err.h>

#include "arena/arena.h"
#include "link/dialogue.h"
#include "link/message.h"
#include "link/peer.h"

enum { DP_LINK_PEERS = 8 };

// The newest controller that was ever obeyed.
struct dp_fence {
	uint64_t epoch; // 0: none yet
	pid_t pid;
	char name[DP_MSG_NAME_BYTES];
};

struct dp_link {
	int listener;
	char path[DP_CONF_PATH_BYTES];
	struct dp_arena arena;
	union dp_link_message *message; // in the arena
	struct dp_peer peer[DP_LINK_PEERS];
	struct dp_peer *controller; // NULL: none
	struct dp_fence fence;
	uint64_t now_ms;
	struct dp_dialogue dialogue;
};

// Opens the socket that `machine` names. All pointers BORROWED for the link's life.
int dp_link_open(struct dp_link *link, const struct dp_conf *machine, struct dp_plant *plant, struct base_errs *errs);

// Does what there is to do, and not much at once: accepts, hears, tells. Called by main every millisecond or so.
void dp_link_tend(struct dp_link *link, uint64_t now_ms);

// Nobody is obeyed now.
static inline bool dp_link_alone(const struct dp_link *link)
{
	return !link->controller;
}

// Says BYE to everybody and closes.
void dp_link_close(struct dp_link *link);
