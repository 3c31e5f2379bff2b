// SPDX-License-Identifier: GPL-3.0-or-later
// The crypto-periods of one scrambling group: asks for the ECM of the next as soon as one is on air, and sends the
// dataplane each period whole. Time is the dataplane's media time: nothing here waits for a clock.
//
//   nothing runs       -> the period we know to be current again, else a first one, its ECM ahead of it
//   n runs, no next    -> CW_provision n+1 -> ECM_response -> one dp_msg_period for n+1
//   n runs, n+1 is set -> nothing to do
//
// An ECM that does not come leaves n on air: the dataplane extends it, and all goes on when it comes. A control word
// that an ECM has promised is never replaced: after a restart the dataplane gives back what it holds.
//
// An ECM that moves to another PID is played on both for a crypto-period, and both stand in the PMT, so that receivers
// go over without loss: see cp_group_moved.
//
// Another algorithm begins with the first period whose word no ECM has promised yet (scs/store.h). Where it has control
// words of another length, the CW_provision of the period before carries words of both lengths, each whole, as
// CP_CW_combination allows: so the ECM before the edge still holds the word behind it when lead_CW says so. The
// dataplane takes words of one length in a message and is told of the others with their own periods.
//
// Refs: ETSI TS 103 197 (crypto-period, delay_start, transition_delay_start; clause 5.5.7, CP_CW_combination);
//       dataplane/api/dp_msg.h.
// Threads: the loop's. Owns: its stream, the ECM sections of the current and the next period; itself, once it leaves.
// Errors: what goes wrong is counted, alarmed and tried again.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include <dp_msg.h>

#include "scs/channel.h"
#include "scs/store.h"

// A crypto-period as it goes to the dataplane; its control words stay in the store.
struct cp_bundle {
	bool have;
	bool sent;    // on this connection
	uint16_t pid; // on which its ECM was sent last; 0: it was not
	uint16_t cp;
	uint8_t cws;   // its own and those that its ECM promises
	uint8_t alike; // of these, the first that have the length of its own: what one message holds
	uint16_t repetition_ms;
	int32_t start_ms, first_start_ms, stop_ms; // first_start: when the ECM before it does not hold its word
	uint32_t duration_ms;
	uint8_t *section; // NULL: no ECM is to be played
	uint16_t section_bytes;
};

// Where the dataplane is, as it last told.
struct cp_group_air {
	bool known; // it has told, or has nothing
	bool running, have_next, extending;
	bool ecm_on_air; // of period ecm_cp, the newest with one
	uint16_t cp, next_cp, ecm_cp;
	uint8_t cws; // of the period on air; 0: not known
	uint64_t started_27mhz, now_27mhz;
	uint64_t told_ns; // uv_hrtime
};

struct cp_scs;

struct cp_group {
	struct cp_scs *scs;
	const struct cp_conf_group *conf;
	unsigned index; // in the line-up
	unsigned place; // in the store
	struct cp_stream *stream;
	struct cp_group_air air;
	struct cp_bundle current, next;
	uint16_t after;   // CP_number of the period to begin with when nothing runs and nothing is known
	uv_timer_t retry; // after a refusal
	uint64_t periods, extended, refused;
};

// GIVES a group that is not in use yet, or NULL; free it, or give it its place.
struct cp_group *cp_group_new(struct cp_scs *scs);
// Begins to use it, with a stream of its own (GIVEN). The dataplane has it without any period.
void cp_group_start(struct cp_group *group, const struct cp_conf_group *conf, unsigned index, struct cp_stream *stream);
// The same group by another document. `stream`, when not NULL, is GIVEN in place of the one it has.
void cp_group_change(struct cp_group *group, const struct cp_conf_group *conf, unsigned index,
		     struct cp_stream *stream);
// Closes its stream and forgets its words; it is gone when the loop has let go of it.
void cp_group_leave(struct cp_group *group);

// What the dataplane tells. A WELCOME or a loss: nothing is known of the group until more comes.
void cp_group_begin(struct cp_group *group, bool known);
void cp_group_take_held(struct cp_group *group, const struct dp_msg_group_state *msg);
void cp_group_take_state(struct cp_group *group, const struct dp_msg_period_state *msg);
// The dataplane runs another line-up: what it holds is not of this group, and what it may have given goes.
void cp_group_forget(struct cp_group *group);
// True when the ECM on air is played on the PID of the document: no receiver needs the one that leaves any more.
bool cp_group_moved(const struct cp_group *group);
void cp_group_take_refusal(struct cp_group *group, const struct dp_msg_refused *msg);

// Does what is to be done now, if anything.
void cp_group_step(struct cp_group *group);

extern const struct cp_stream_ops cp_group_stream_ops;
