// SPDX-License-Identifier: GPL-3.0-or-later
// A sequence counter over what a worker writes and main may read at any time: odd while it is written. Main copies
// the content and does so again when the counter has moved.
//
// Threads: one writer, which never waits; any readers. Owns: nothing.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Worker: before the content is written.
static inline void dp_serial_begin(atomic_uint *serial)
{
	unsigned before = atomic_load_explicit(serial, memory_order_relaxed);

	atomic_store_explicit(serial, before + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
}

// Worker: writes content between begin and end. A reader may be met in the middle, so it goes by atomic bytes; what it
// read is dropped.
static inline void dp_serial_put(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		__atomic_store_n((uint8_t *)to + i, ((const uint8_t *)from)[i], __ATOMIC_RELAXED);
}

// Worker: after it was written.
static inline void dp_serial_end(atomic_uint *serial)
{
	unsigned before = atomic_load_explicit(serial, memory_order_relaxed);

	atomic_store_explicit(serial, before + 1, memory_order_release);
}

// Main: before the content is copied; what dp_serial_moved is to be given.
static inline unsigned dp_serial_look(const atomic_uint *serial)
{
	return atomic_load_explicit(serial, memory_order_acquire);
}

// Main: copies content.
static inline void dp_serial_get(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = __atomic_load_n((const uint8_t *)from + i, __ATOMIC_RELAXED);
}

// Main: true when the copy may be torn and is to be made again.
static inline bool dp_serial_moved(const atomic_uint *serial, unsigned looked)
{
	atomic_thread_fence(memory_order_acquire);
	return looked % 2 || looked != atomic_load_explicit(serial, memory_order_relaxed);
}
