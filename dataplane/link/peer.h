// SPDX-License-Identifier: GPL-3.0-or-later
// One connection at the controller's socket, from its coming to its leave.
//
// A peer that is told to go is told why: its connection stays until the BYE is sent and the peer has closed, or a
// time is over. A socket that is closed with messages unread would lose the BYE at the other end.
//
// Threads: main. Owns: its descriptor. Errors: -errno of base_local.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <dp_msg.h>

enum { DP_PEER_HELLO_MS = 2000, DP_PEER_LEAVE_MS = 2000 };

enum dp_peer_state {
	DP_PEER_NONE,
	DP_PEER_NEW,     // its HELLO is awaited
	DP_PEER_OBEYED,  // the controller
	DP_PEER_LEAVING, // its BYE is being sent
};

struct dp_peer {
	enum dp_peer_state state;
	int fd;
	pid_t pid;
	uint64_t deadline_ms; // in NEW and LEAVING
	bool bye_sent;
	struct dp_msg_bye bye;
};

// Takes a descriptor that was accepted; its HELLO must come in time.
void dp_peer_open(struct dp_peer *peer, int fd, pid_t pid, uint64_t now_ms);

// Closes at once.
void dp_peer_close(struct dp_peer *peer);

// Begins the leave with this BYE (BORROWED; its head is written here).
void dp_peer_leave(struct dp_peer *peer, const struct dp_msg_bye *bye, uint64_t now_ms);

// Goes on with a leave; `scratch` of `capacity` bytes takes what is not heard any more, and is scrubbed.
void dp_peer_tend_leave(struct dp_peer *peer, void *scratch, size_t capacity, uint64_t now_ms);
