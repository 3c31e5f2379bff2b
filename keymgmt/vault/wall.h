// SPDX-License-Identifier: GPL-3.0-or-later
// The wall around the running vault: after it is up, any system call but the few of the loop ends the process.
//
// What is left: wait (ppoll), accept, receive, and send on connected sockets; close; write to standard error; memory
// that is not executable; the clock; end. No socket, connect, open, execve, fork, ptrace, unlink or ioctl.
//
// Refs: seccomp(2), seccomp_rule_add(3).
// Threads: before any other is started. Owns: nothing. There is no way back.
// Errors: -errno of libseccomp.
#pragma once

// Leaves the network for a namespace with none, when the process may. 0 or -errno; without it the filter is the wall.
int km_wall_leave_network(void);

// Sets no_new_privs and loads the filter; what is not allowed kills the process with SIGSYS.
int km_wall_up(void);
