// SPDX-License-Identifier: GPL-3.0-or-later
// The SCS's end of ECMG<=>SCS: one channel to one ECMG, with a stream for each scrambling group that names it.
//
//   channel:  AWAY -> CONNECTING -> SETUP (channel_setup sent) -> OPEN (channel_status came)
//   stream:   CLOSED -> SETTING_UP (stream_setup sent) -> OPEN (stream_status came)
//             -> CLOSING (its group has left, stream_close_request sent) -> gone
//
// A lost channel is connected again: first quickly, then after 1 s, doubling to 30 s. At most one CW_provision of a
// stream is unanswered. What no state awaits is counted and ignored.
//
// Streams come and go while the channel is open and the others on it go on.
//
// Refs: ETSI TS 103 197 clauses 4 and 5.
// Threads: the loop's. Owns: connection, timers, its streams, the scratch in which messages with control words are
//          written; itself, once it is closed.
// Errors: -ENOMEM before it is started; what goes wrong later is counted, alarmed and tried again.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include <base_secret.h>

#include "scs/store.h"
#include "scs/window.h"
#include "service/alarms.h"
#include "service/conf.h"
#include "wire/wire.h"

#define CP_CHANNEL_TEXT_BYTES 96
// What the network and a busy ECMG may add to max_comp_time before an ECM_response counts as lost.
#define CP_CHANNEL_MARGIN_MS 400

// What channel_status asks for.
struct cp_channel_values {
	bool packets; // section_TSpkt_flag
	struct cp_window window;
	int16_t delay_start_ms, delay_stop_ms, transition_delay_start_ms, transition_delay_stop_ms;
	uint16_t ecm_rep_period_ms, max_streams, max_comp_time_ms;
	uint32_t min_cp_duration_ms;
};

// Reads a channel_status. 0, or -EINVAL with the parameter whose value this SCS does not take.
int cp_channel_values_read(struct cp_channel_values *values, const struct sim_msg *msg, uint16_t *parameter);
// Writes them into a channel_status.
void cp_channel_values_write(const struct cp_channel_values *values, struct sim_writer *writer);

struct cp_channel;
struct cp_stream;

// What the scrambling group of a stream does.
struct cp_stream_ops {
	void (*on_open)(void *owner);
	void (*on_cw_made)(void *owner);
	// The section (BORROWED, `n` 0: none is to be played) for the wanted crypto-period.
	void (*on_ecm)(void *owner, const uint8_t *section, size_t n);
};

enum cp_stream_state { CP_STREAM_CLOSED, CP_STREAM_SETTING_UP, CP_STREAM_OPEN, CP_STREAM_CLOSING, CP_STREAM_STATES };

struct cp_stream {
	struct cp_channel *channel;
	const struct cp_conf_group *conf; // NULL: its group has left
	unsigned group;                   // in the store
	uint16_t id;                      // ECM_stream_id
	uint32_t nominal_ms;              // nominal_CP_duration, as the ECMG was told
	enum cp_stream_state state;
	const struct cp_stream_ops *ops;
	void *owner;
	uv_timer_t timer; // what is awaited: a reply, an ECM_response, or the next attempt
	uint32_t backoff_ms;
	bool criteria_always; // access_criteria_transfer_mode
	bool criteria_sent;
	bool fresh;    // the ECMG knows no word yet
	bool want;     // an ECM for `target`
	bool asked;    // a CW_provision for `asked_cp` is unanswered
	bool annulled; // its answer is of words that are no more
	bool pausing;  // until the timer
	uint8_t earlier_left;
	uint16_t target, asked_cp;
	uint64_t asked_ns;
	uint64_t requests, responses, timeouts, errors, late;
	double response_ms_max;
	char last_error[CP_CHANNEL_TEXT_BYTES];
};

enum cp_channel_state { CP_CHANNEL_AWAY, CP_CHANNEL_CONNECTING, CP_CHANNEL_SETUP, CP_CHANNEL_OPEN, CP_CHANNEL_STATES };

struct cp_channel {
	uv_loop_t *loop;
	const struct cp_conf_ecmg *conf;
	struct cp_store *store;
	struct cp_alarms *alarms;
	enum cp_channel_state state;
	struct cp_wire *wire; // NULL: none that counts
	bool closing;
	unsigned held; // by the loop: the timer, connections that have not ended
	bool testing;  // a channel_test is unanswered
	uint8_t version;
	unsigned attempts; // since it was open
	uint64_t heard_ms;
	uv_timer_t timer; // the reply awaited, the next test, or the next attempt
	struct cp_channel_values values;
	struct base_secret scratch;
	struct cp_stream **stream; // in the order they came
	unsigned streams, capacity;
	uint16_t last_id;
	uint64_t connects, unexpected;
	double since;
	char last_error[CP_CHANNEL_TEXT_BYTES];
	struct cp_wire_counts counts; // told when the last connection has ended
	char name[DP_MSG_NAME_BYTES]; // once it is closing: the configuration may be gone before the loop lets go
};

extern const char *const cp_channel_state_name[CP_CHANNEL_STATES];
extern const char *const cp_stream_state_name[CP_STREAM_STATES];

// GIVES a channel that is not in use yet, or NULL. `conf` BORROWED until it changes, `store` and `alarms` for its life.
struct cp_channel *cp_channel_new(uv_loop_t *loop, const struct cp_conf_ecmg *conf, struct cp_store *store,
				  struct cp_alarms *alarms);
// Frees one that was never started.
void cp_channel_drop(struct cp_channel *channel);
// Makes room for so many more streams. 0 or -ENOMEM.
int cp_channel_reserve(struct cp_channel *channel, unsigned more);
// Begins to connect.
void cp_channel_start(struct cp_channel *channel);
// The ECMG of the same name by another document. Connects again when it is another channel.
void cp_channel_change(struct cp_channel *channel, const struct cp_conf_ecmg *conf);
// Says stream_close_request and channel_close and closes; it is gone when the loop has let go of it.
void cp_channel_close(struct cp_channel *channel);

// Adds the stream of a group (GIVEN, all 0), for which there is room. `conf` BORROWED until it changes.
void cp_channel_add(struct cp_channel *channel, struct cp_stream *stream, const struct cp_conf_group *conf,
		    unsigned group, const struct cp_stream_ops *ops, void *owner);
// The same group by another document: other access criteria go with the next CW_provision, another duration with the
// next crypto-period.
void cp_stream_change(struct cp_stream *stream, const struct cp_conf_group *conf);
// Its group leaves it: nothing is told any more, and it is gone once the ECMG has closed it.
void cp_stream_leave(struct cp_stream *stream);

// Wants the ECM of a crypto-period, until it is there; another number replaces the one before.
void cp_stream_want(struct cp_stream *stream, uint16_t cp);
// Wants nothing; the words of a CW_provision under way are no more, so its answer is not used.
void cp_stream_annul(struct cp_stream *stream);
// The crypto-period that configuration and ECMG together ask for.
uint32_t cp_stream_period_ms(const struct cp_stream *stream);

// Between channel.c and stream.c: the channel has opened or is lost; a message for this stream has come; the stream is
// over; a message is begun and sent.
void cp_stream_set_up(struct cp_stream *stream);
void cp_stream_lose(struct cp_stream *stream);
void cp_stream_message(struct cp_stream *stream, const struct sim_msg *msg);
void cp_channel_release(struct cp_channel *channel, struct cp_stream *stream);
void cp_channel_begin(struct cp_channel *channel, struct sim_writer *writer, uint16_t type);
void cp_channel_send(struct cp_channel *channel, struct sim_writer *writer);
