// SPDX-License-Identifier: GPL-3.0-or-later
// A whole transport stream in memory, and the packets of one PID in it.
//
// Threads: one owner. Owns: flow_ts_open GIVES a mapping that flow_ts_close returns; flow_track_new GIVES memory
// that flow_track_free returns.
// Errors: -EBADMSG for a file that is no row of 188-byte packets, -ENOMEM, -errno of open and mmap.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <ts_packet.h>

struct flow_ts {
	const uint8_t *packets; // n * 188 bytes
	size_t n;
};

// Maps a file. Says in `errs` what is wrong with it.
int flow_ts_open(struct flow_ts *ts, const char *path, struct base_errs *errs);
void flow_ts_close(struct flow_ts *ts);

// Packet `i`, BORROWED.
static inline const uint8_t *flow_ts_at(const struct flow_ts *ts, size_t i)
{
	return ts->packets + i * TS_PACKET_BYTES;
}

// The packets of one PID, in order.
struct flow_track {
	const struct flow_ts *ts; // BORROWED
	size_t *index;            // into ts
	size_t n;
};

int flow_track_new(struct flow_track *track, const struct flow_ts *ts, uint16_t pid);
void flow_track_free(struct flow_track *track);

// Packet `i` of the PID, BORROWED.
static inline const uint8_t *flow_track_at(const struct flow_track *track, size_t i)
{
	return flow_ts_at(track->ts, track->index[i]);
}
