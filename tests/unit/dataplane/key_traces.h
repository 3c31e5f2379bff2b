// SPDX-License-Identifier: GPL-3.0-or-later
// Searching this process's whole writable memory for what a cipher makes of control words: pieces of key records, and
// the same bytes of the records of neighbouring lanes side by side, as kernels transpose them.
//
// A trace is kept masked, so that the search does not find its own list.
//
// Threads: one. Owns: nothing.
#pragma once

#include <memory_search.h>

enum {
	TRACE_BYTES = 16,
	TRACES_MAX = 1024,
	TRACE_MASK = 0xA5,
	TRACE_LEAST_DISTINCT = 6, // fewer different bytes may stand anywhere
	TRACE_LANES = 16,
};

struct key_traces {
	unsigned n;
	uint8_t masked[TRACES_MAX][TRACE_BYTES];
	uint64_t begins[1024]; // by the first two bytes: a bit for those that a trace begins with
};

static inline bool trace_is_plain(const uint8_t *masked)
{
	unsigned distinct = 0;

	for (unsigned i = 0; i < TRACE_BYTES; i++)
		distinct += !memchr(masked, masked[i], i);
	return distinct < TRACE_LEAST_DISTINCT;
}

static inline void trace_end(struct key_traces *traces)
{
	const uint8_t *masked = traces->masked[traces->n];
	unsigned first = (masked[0] ^ TRACE_MASK) << 8 | (masked[1] ^ TRACE_MASK);

	if (trace_is_plain(masked))
		return;
	traces->begins[first / 64] |= UINT64_C(1) << first % 64;
	traces->n++;
}

// `granule` bytes at `offset` of as many records as make a trace.
static inline void trace_add(struct key_traces *traces, const uint8_t *const *record, size_t offset, unsigned granule)
{
	volatile uint8_t *masked = traces->masked[traces->n];

	if (traces->n == TRACES_MAX)
		return;
	for (unsigned i = 0; i < TRACE_BYTES; i++)
		masked[i] = record[i / granule][offset + i % granule] ^ TRACE_MASK;
	trace_end(traces);
}

// Notes the records of TRACE_LANES lanes.
static inline void traces_note(struct key_traces *traces, const uint8_t *const *record, size_t record_bytes)
{
	memset(traces, 0, sizeof(*traces));
	for (size_t at = 0; at + TRACE_BYTES <= record_bytes; at += TRACE_BYTES)
		trace_add(traces, record, at, TRACE_BYTES);
	for (size_t at = 0; at + 4 <= record_bytes; at += 4)
		trace_add(traces, record, at, 4);
	for (size_t at = 0; at < record_bytes; at++)
		trace_add(traces, record, at, 1);
}

static inline bool trace_at(const uint8_t *masked, const uint8_t *bytes)
{
	for (unsigned i = 0; i < TRACE_BYTES; i++)
		if ((uint8_t)(bytes[i] ^ TRACE_MASK) != masked[i])
			return false;
	return true;
}

static inline size_t traces_count_window(const uint8_t *window, size_t n, const void *context)
{
	const struct key_traces *traces = context;
	size_t found = 0;

	for (size_t at = 0; at + TRACE_BYTES <= n; at++) {
		unsigned first = (unsigned)window[at] << 8 | window[at + 1];

		if (!(traces->begins[first / 64] >> first % 64 & 1))
			continue;
		for (unsigned i = 0; i < traces->n; i++)
			found += trace_at(traces->masked[i], window + at);
	}
	return found;
}

// How often any of them lies in memory now.
static inline size_t traces_count(const struct key_traces *traces)
{
	return memory_walk(TRACE_BYTES - 1, traces_count_window, traces);
}
