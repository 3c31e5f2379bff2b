// SPDX-License-Identifier: GPL-3.0-or-later
// Channels and streams of the ECMG: who is there, and which ids are taken.
//
// One channel lives on one TCP connection. ECM_channel_id is unique over all of them, ECM_stream_id in its channel, and
// ECM_id over the ECMG, which has one Super_CAS_id.
//
// Refs: ETSI TS 103 197 clauses 5.2 and 5.3. Threads: the loop's.
// Owns: channels, streams, and the locked pages in which streams remember control words.
// Errors: -ENOMEM; of a stream: -EEXIST its id, -EADDRINUSE its ECM_id, -EMFILE the channel is full, -ENFILE the ECMG
// is.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_log.h>
#include <base_secret.h>

#include "ecmg/criteria.h"
#include "ecmg/words.h"
#include "wire/wire.h"

#define CAS_STREAMS_MAX 8192 // of all channels together
#define CAS_ECM_IDS     65536

enum cas_channel_state {
	CAS_CHANNEL_IDLE, // connected, not set up
	CAS_CHANNEL_OPEN,
	CAS_CHANNEL_CLOSING, // nothing is heard any more
	CAS_CHANNEL_STATES
};

struct cas_channel {
	struct cas_ecmg *ecmg;
	struct cp_wire *wire;
	enum cas_channel_state state;
	uint8_t version;  // protocol_version of the connection; 0: nothing heard
	uint16_t id;      // ECM_channel_id, with CAS_CHANNEL_OPEN
	unsigned refused; // messages in a row that were refused
	unsigned errors;  // sent and heard
	double since;     // UTC seconds
	uint64_t heard_ms;
	bool tested; // channel_test was sent and nothing heard since
	size_t streams;
	struct cas_stream **page[256]; // by the upper, then the lower byte of ECM_stream_id
	struct cas_channel *next;
};

struct cas_stream {
	struct cas_channel *channel;
	uint16_t id, ecm_id;
	uint16_t place; // of its words
	bool criteria_known;
	unsigned waiting; // requests without an answer
	struct cas_criteria criteria;
};

struct cas_registry {
	struct cas_channel *first;
	size_t streams;
	uint8_t ecm_id_taken[CAS_ECM_IDS / 8];
	uint16_t free_place[CAS_STREAMS_MAX];
	struct base_secret words; // struct cas_words by place
};

int cas_registry_init(struct cas_registry *registry);
// All channels are gone by then.
void cas_registry_fini(struct cas_registry *registry);

// A new connection's channel, not set up. GIVEN to the registry; NULL without memory.
struct cas_channel *cas_channel_new(struct cas_registry *registry, struct cp_wire *wire);
// Closes its streams, which have no waiting requests, and gives its ids free.
void cas_channel_shut(struct cas_registry *registry, struct cas_channel *channel);
// Frees it; it has been shut.
void cas_channel_free(struct cas_registry *registry, struct cas_channel *channel);
// At which level the next error, sent or heard, is logged: a hostile SCS does not write our log.
enum base_log_level cas_channel_error_level(struct cas_channel *channel);
// True when an open channel has this ECM_channel_id.
bool cas_channel_taken(const struct cas_registry *registry, uint16_t id);

// Opens a stream; `max_streams` of the channel, 0 for no limit. 0 or -errno.
int cas_stream_open(struct cas_registry *registry, struct cas_channel *channel, uint16_t id, uint16_t ecm_id,
		    uint16_t max_streams);
// Wipes its words and frees it; it has no waiting requests.
void cas_stream_close(struct cas_registry *registry, struct cas_stream *stream);
// NULL for none.
struct cas_stream *cas_stream_find(const struct cas_channel *channel, uint16_t id);
// Where it remembers its words.
struct cas_words *cas_stream_words(const struct cas_registry *registry, const struct cas_stream *stream);
