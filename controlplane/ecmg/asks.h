// SPDX-License-Identifier: GPL-3.0-or-later
// What SCSs have asked and the vault has not yet answered: one queue, first in, first out, so that every stream gets
// its answers in the order of its questions. A question that was refused waits in its place when the stream has others
// before it.
//
//   head -> [ asked of the vault ][ waiting ] <- tail
//
// Threads: the loop's. Owns: the queue; the requests, which hold control words, lie in locked pages and are scrubbed
// when they leave. Errors: -ENOMEM.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <base_secret.h>
#include <km_msg.h>

#include "ecmg/channel.h"

#define CAS_ASKS_MAX        4096
#define CAS_ASKS_STREAM_MAX 8 // of one stream

struct cas_ask {
	struct cas_stream *stream; // NULL: closed meanwhile
	uint64_t until_ms;         // the answer is of use until then
	uint16_t cp_number;
	uint16_t status, information; // of a question that was refused; 0: it is for the vault
};

struct cas_asks {
	struct cas_ask ask[CAS_ASKS_MAX];
	size_t head, n;
	size_t asked; // of the n, those that the vault has
	struct base_secret requests;
};

int cas_asks_init(struct cas_asks *asks);
void cas_asks_fini(struct cas_asks *asks);

// Adds one at the end and gives its request, zeroed, to be filled; NULL when the queue or the stream's part is full.
struct km_msg_ecm_request *cas_asks_push(struct cas_asks *asks, struct cas_stream *stream, struct cas_ask **ask);

// The oldest, or NULL.
struct cas_ask *cas_asks_head(struct cas_asks *asks);
// Removes the oldest and scrubs its request.
void cas_asks_pop(struct cas_asks *asks);

// Copies what waits, at most KM_MSG_BATCH_MAX, into `batch` (locked memory of the caller) and notes it as asked.
void cas_asks_fill(struct cas_asks *asks, struct km_msg_ecm_batch *batch);

// A stream, or all streams of a channel (`stream` NULL), want no more answers.
void cas_asks_forget(struct cas_asks *asks, const struct cas_channel *channel, const struct cas_stream *stream);
