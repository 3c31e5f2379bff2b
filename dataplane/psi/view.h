// SPDX-License-Identifier: GPL-3.0-or-later
// What main may read of a service's and an input's tables while their worker goes on.
//
// Threads: the worker that owns the input publishes; main reads, and reads again when it met a change.
// Owns: nothing; part of the service or input.
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <ts_pmt.h>

#include "worker/serial.h"

// An elementary stream of a service, as its PMT says.
struct dp_stream {
	uint16_t pid;
	uint8_t stream_type;
	uint8_t policy; // enum dp_policy
};

// A section of the input as it came.
struct dp_section {
	uint16_t bytes; // 0: none
	uint8_t section[1024];
};

struct dp_view_content {
	uint16_t pmt_pid; // 0: not in the PAT
	uint8_t streams_n;
	struct dp_stream stream[TS_PMT_STREAMS_MAX];
	struct dp_section pmt; // none while the one at pmt_pid has not been heard
};

struct dp_view {
	atomic_uint serial;
	struct dp_view_content content;
};

// The PAT of an input.
struct dp_pat_view {
	atomic_uint serial;
	struct dp_section pat;
};

// Worker: replaces the content when it is another; `pmt` are `pmt_bytes` (at most 1024) of the section.
static inline void dp_view_publish(struct dp_view *view, uint16_t pmt_pid, const struct dp_stream *stream, uint8_t n,
				   const uint8_t *pmt, uint16_t pmt_bytes)
{
	const struct dp_view_content *old = &view->content;

	if (old->pmt_pid == pmt_pid && old->streams_n == n && old->pmt.bytes == pmt_bytes &&
	    memcmp(old->stream, stream, n * sizeof(*stream)) == 0 && memcmp(old->pmt.section, pmt, pmt_bytes) == 0)
		return;
	dp_serial_begin(&view->serial);
	dp_serial_put(&view->content.pmt_pid, &pmt_pid, sizeof(pmt_pid));
	dp_serial_put(&view->content.streams_n, &n, sizeof(n));
	dp_serial_put(view->content.stream, stream, n * sizeof(*stream));
	dp_serial_put(&view->content.pmt.bytes, &pmt_bytes, sizeof(pmt_bytes));
	dp_serial_put(view->content.pmt.section, pmt, pmt_bytes);
	dp_serial_end(&view->serial);
}

// Main: copies the content, whole.
static inline void dp_view_read(const struct dp_view *view, struct dp_view_content *out)
{
	unsigned looked;

	do {
		looked = dp_serial_look(&view->serial);
		dp_serial_get(out, &view->content, sizeof(*out));
	} while (dp_serial_moved(&view->serial, looked));
}

// Main: a number that changes whenever the content does, so that it need not be copied to be compared.
static inline unsigned dp_view_serial(const struct dp_view *view)
{
	return dp_serial_look(&view->serial);
}

// Worker: the input has another PAT, of `bytes` (at most 1024).
static inline void dp_pat_view_publish(struct dp_pat_view *view, const uint8_t *pat, uint16_t bytes)
{
	dp_serial_begin(&view->serial);
	dp_serial_put(&view->pat.bytes, &bytes, sizeof(bytes));
	dp_serial_put(view->pat.section, pat, bytes);
	dp_serial_end(&view->serial);
}

// Main: copies the PAT, whole.
static inline void dp_pat_view_read(const struct dp_pat_view *view, struct dp_section *out)
{
	unsigned looked;

	do {
		looked = dp_serial_look(&view->serial);
		dp_serial_get(out, &view->pat, sizeof(*out));
	} while (dp_serial_moved(&view->serial, looked));
}
