// SPDX-License-Identifier: GPL-3.0-or-later
// Local SOCK_SEQPACKET sockets between the processes of one user: mode 0600, the peer's uid checked by SO_PEERCRED,
// nothing ever blocks.
//
// Threads: one owner per descriptor. Owns: nothing; functions GIVE descriptors, which the caller closes.
// Errors: -errno; -EPERM for a peer of another user, -EADDRINUSE when somebody listens at the path, -ENAMETOOLONG for a
//         path that is empty or over 107 bytes, -EMSGSIZE for a message that does not fit, -EAGAIN when there is
//         nothing or no room.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Listens at `path`. A socket that nobody listens at any more is replaced; a file of another kind is left alone.
// Returns the descriptor, non-blocking and closed on exec.
int base_local_listen(const char *path);

// Takes a waiting connection of this user and tells the peer's process id when `pid` is not NULL.
// Returns the descriptor, -EAGAIN, or -EPERM when the peer is another user (it is closed then).
int base_local_accept(int listener, pid_t *pid);

// Connects to `path`; the one who listens there must be this user. Returns the descriptor, non-blocking.
int base_local_connect(const char *path);

// Sends one message of `n` bytes (BORROWED), whole or not at all. 0 or -errno.
int base_local_send(int fd, const void *message, size_t n);

// Receives one message into `capacity` bytes at `out`. Returns its size, 0 when the peer has closed, -EMSGSIZE when it
// was longer (it is lost then), or -errno.
ssize_t base_local_receive(int fd, void *out, size_t capacity);
