// SPDX-License-Identifier: GPL-3.0-or-later
// The two neighbours of bulkhead-control, on the loop of the test: a dataplane that holds periods and flips when it is
// told to, and an ECMG that answers or does not. Both are on real sockets.
//
// Threads: the loop's. Owns: their sockets. Errors: a CU assertion or the deadline of fake_until.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "service/control.h"

#define FAKE_GROUPS 256

struct fake_group {
	char name[DP_MSG_NAME_BYTES];
	bool running, have_next;
	struct dp_msg_period current, next;
	unsigned periods; // PERIOD messages taken
};

struct fake_dataplane {
	uv_loop_t *loop;
	char path[64];
	int listener;
	uv_poll_t listening;
	struct fake_socket *socket; // NULL: nobody is connected
	uint64_t boot_id, epoch, started_27mhz;
	bool at_once;      // a period begins as soon as it is there
	bool bye_own;      // the next HELLO is answered with BYE OLDER that names its own epoch
	int lineup_error;  // what LINEUP_RESULT says
	unsigned busy;     // so many line-ups are answered -EBUSY first
	bool hold;         // a line-up is answered by fake_dataplane_answer alone
	uint32_t serial;   // of the line-up that came last
	uint32_t taken[2]; // serials of the line-up taken last, and of the one before that
	unsigned wanted;   // groups of the one that came last
	char names[3][FAKE_GROUPS]
		  [DP_MSG_NAME_BYTES]; // of groups, by index in the two taken and the one that came last
	unsigned services;             // of the line-up that came last
	struct dp_msg_move moved;
	int move_error;
	const char *lineup_text;
	int refuse; // the next PERIOD is refused with this error
	unsigned hellos, lineups, lineup_msgs, periods, emm_pkts, refused;
	struct dp_msg_service last_service;
	struct dp_msg_emm_stream last_emm;
	struct fake_group group[FAKE_GROUPS];
};

void fake_dataplane_open(struct fake_dataplane *dp, uv_loop_t *loop);
void fake_dataplane_close(struct fake_dataplane *dp);
// Forgets all, as a dataplane does that begins anew, and closes the connection.
void fake_dataplane_restart(struct fake_dataplane *dp);
void fake_dataplane_drop(struct fake_dataplane *dp);
void fake_dataplane_pause(struct fake_dataplane *dp, bool paused); // reads nothing
// Answers a line-up that was held.
void fake_dataplane_answer(struct fake_dataplane *dp);
// The group with this name; NULL: it is not in the line-up taken last.
struct fake_group *fake_dataplane_group(struct fake_dataplane *dp, const char *name);
void fake_dataplane_send(struct fake_dataplane *dp, const void *msg);
// Begins the next period of a group; tells nobody.
void fake_dataplane_flip_quietly(struct fake_dataplane *dp, unsigned group);
// Begins the next period of a group.
void fake_dataplane_flip(struct fake_dataplane *dp, unsigned group);
void fake_dataplane_tell(struct fake_dataplane *dp, unsigned group, bool extending);

struct fake_provision {
	uint16_t stream, cp, first, last;
	unsigned words;
	bool criteria;
	uint8_t criterion;  // the first byte of them
	uint16_t duration;  // CP_duration; 0: none
	uint8_t lengths[8]; // of the words
};

#define FAKE_PROVISIONS 4096

struct fake_ecmg {
	uv_loop_t *loop;
	struct cp_wire_listener *listener;
	struct cp_wire *wire; // NULL: nobody is connected
	struct cp_wire_counts counts;
	uint16_t port;
	uint8_t highest_version;
	uint8_t lead_cw, cw_per_msg, packets, max_streams;
	int16_t delay_start_ms, transition_ms;
	uint16_t silent_stream; // answers nothing to it; 0xFFFF: to none
	uint16_t error;         // stream_error for every CW_provision
	bool garbage;           // ECM_datagram is no section
	unsigned connections, setups, streams, tests, errors_taken, words_replaced, closed;
	uint16_t closed_stream; // the last one that was closed
	bool deaf;              // does not answer stream_close_request
	unsigned provisions;
	struct fake_provision provision[FAKE_PROVISIONS];
	struct {
		bool have;
		uint16_t cp;
		uint8_t cw[16];
	} word[FAKE_GROUPS + 1][32]; // by ECM_stream_id and CP_number
};

void fake_ecmg_open(struct fake_ecmg *ecmg, uv_loop_t *loop, uint16_t port);
void fake_ecmg_close(struct fake_ecmg *ecmg);
// An ECM_response for a stream, as it would answer; `cp` may be any.
void fake_ecmg_answer(struct fake_ecmg *ecmg, uint16_t stream, uint16_t cp);
void fake_ecmg_plain(struct fake_ecmg *ecmg, uint16_t type); // with ECM_channel_id alone
const struct fake_provision *fake_ecmg_last(const struct fake_ecmg *ecmg);

// Runs the loop until the condition holds. False, and said so, after 20 s.
bool fake_until(uv_loop_t *loop, bool (*holds)(void *context), void *context, const char *what);
