// SPDX-License-Identifier: GPL-3.0-or-later
// Tells the service manager READY and STOPPING from behind the wall, which lets nobody make a socket.
//
// It does what sd_notify(3) does with a socket that is connected beforehand, and it keeps libsystemd and all that
// libsystemd loads out of the process that holds the keys.
//
// Refs: sd_notify(3), NOTIFY_SOCKET.
// Threads: one owner. Owns: a descriptor; close takes it back.
// Errors: -errno; nobody to tell is no error.
#pragma once

struct km_notify {
	int fd; // -1: nobody asked
};

// Connects to $NOTIFY_SOCKET when there is one.
int km_notify_open(struct km_notify *notify);

// Sends a state such as "READY=1". What cannot be sent is lost.
void km_notify_tell(const struct km_notify *notify, const char *state);

void km_notify_close(struct km_notify *notify);
