// SPDX-License-Identifier: GPL-3.0-or-later
// What main may read of a service while its worker goes on: a copy under a sequence counter, odd while it is written.
//
// Threads: the worker that owns the service publishes; main reads, and reads again when it met a change.
// Owns: nothing; part of the service.
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <ts_pmt.h>

// An elementary stream of a service, as its PMT says.
struct dp_stream {
	uint16_t pid;
	uint8_t stream_type;
	uint8_t policy; // enum dp_policy
};

struct dp_view_content {
	uint16_t pmt_pid; // 0: not in the PAT
	uint8_t streams_n;
	struct dp_stream stream[TS_PMT_STREAMS_MAX];
};

struct dp_view {
	atomic_uint serial;
	struct dp_view_content content;
};

// Worker: replaces the content.
static inline void dp_view_publish(struct dp_view *view, uint16_t pmt_pid, const struct dp_stream *stream, uint8_t n)
{
	unsigned serial = atomic_load_explicit(&view->serial, memory_order_relaxed);

	atomic_store_explicit(&view->serial, serial + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	view->content.pmt_pid = pmt_pid;
	view->content.streams_n = n;
	memcpy(view->content.stream, stream, n * sizeof(*stream));
	atomic_store_explicit(&view->serial, serial + 2, memory_order_release);
}

// Main: copies the content, whole.
static inline void dp_view_read(const struct dp_view *view, struct dp_view_content *out)
{
	unsigned before, after;

	do {
		before = atomic_load_explicit(&view->serial, memory_order_acquire);
		*out = view->content;
		atomic_thread_fence(memory_order_acquire);
		after = atomic_load_explicit(&view->serial, memory_order_relaxed);
	} while (before != after || before % 2);
}
