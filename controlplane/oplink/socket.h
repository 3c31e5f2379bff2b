// SPDX-License-Identifier: GPL-3.0-or-later
// Local stream sockets of the operator's side: a path in the file system is listened at and connected to.
//
// Threads: any. Owns: nothing; functions GIVE descriptors, closed on exec, which the caller closes.
// Errors: -errno; -EADDRINUSE when somebody listens at the path or a file of another kind is there, -ENAMETOOLONG for a
//         path of no or over 107 bytes.
#pragma once

#include <sys/types.h>

// Listens at `path` (BORROWS) with the permissions `mode`. A socket that nobody listens at any more is replaced;
// nothing is waited for. Returns the descriptor, non-blocking; whoever closes it unlinks the path first.
int cp_socket_listen(const char *path, mode_t mode, int backlog);

// Connects to `path` and waits at most `timeout_ms` (> 0) for room in the listener's queue. Returns the descriptor,
// non-blocking; -ETIMEDOUT when there was no room.
int cp_socket_connect(const char *path, int timeout_ms);
