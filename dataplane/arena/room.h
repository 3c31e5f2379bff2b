// SPDX-License-Identifier: GPL-3.0-or-later
// Memory of the packet path that holds no secrets. Workers go through it in any order, so where there is much of it the
// system is asked for large pages; and it is touched at once, so that no packet waits for a page.
//
// Threads: main, before READY. Owns: nothing; free() takes it back. Errors: NULL.
#pragma once

#include <stddef.h>

// Zeroed, and begins a cache line.
void *dp_room_take(size_t bytes);
