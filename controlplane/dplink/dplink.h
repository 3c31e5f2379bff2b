// SPDX-License-Identifier: GPL-3.0-or-later
// The link to the dataplane: connects to its local socket and keeps trying, says HELLO, gives it the line-up, and hands
// what comes to the owner. Nothing is queued: a message that finds no room is not taken, and the owner, who holds the
// truth, is told when there is room again. So no control word lies in a queue.
//
//   connect -> HELLO -> WELCOME -> on_welcome, on_group_state.. ; LINEUP.. LINEUP_END -> LINEUP_RESULT -> on_lineup
//   another line-up, at any time after: LINEUP.. LINEUP_END -> LINEUP_RESULT -> on_lineup
//   a dataplane that is busy with a change is asked again every 50 ms
//   anything wrong -> on_lost -> connect again after 50 ms, doubling to 1 s
//
// Indexes in messages are those of the line-up taken last; its serial says so.
//
// Refs: dataplane/api/dp_msg.h.
// Threads: the loop's. Owns: the socket, its handles, one locked buffer that is scrubbed after each message.
// Errors: -ENOMEM; -EAGAIN no room now, on_writable will come; -ENOTCONN no line-up is on air.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include <dp_msg.h>

#include "service/conf.h"

struct cp_dplink;

// What the owner does. Messages are BORROWED for the call.
struct cp_dplink_ops {
	void (*on_welcome)(void *owner, const struct dp_msg_welcome *msg);
	void (*on_group_state)(void *owner, const struct dp_msg_group_state *msg); // the owner keeps its words locked
	// The line-up given last is on air, or refused: what was on air stays. Periods may be sent once one was taken.
	void (*on_lineup)(void *owner, int error, const char *text);
	void (*on_moved)(void *owner, const struct dp_msg_move_result *msg);
	void (*on_period_state)(void *owner, const struct dp_msg_period_state *msg);
	void (*on_refused)(void *owner, const struct dp_msg_refused *msg);
	void (*on_alarm)(void *owner, const struct dp_msg_alarm *msg);
	void (*on_psi)(void *owner, const struct dp_msg_input_psi *msg);
	void (*on_report)(void *owner, const char *text, size_t n); // a whole statistics document
	void (*on_writable)(void *owner);                           // after -EAGAIN
	void (*on_lost)(void *owner, const char *why);
	// A newer controller is obeyed: this process has to end. No further call comes.
	void (*on_fenced)(void *owner, const struct dp_msg_bye *msg);
};

// Begins to connect. `conf` BORROWED until another is given, `ops` and `owner` for the link's life. `epoch` is this
// process's.
int cp_dplink_open(struct cp_dplink **out, uv_loop_t *loop, const struct cp_conf *conf, uint64_t epoch,
		   const struct cp_dplink_ops *ops, void *owner);

// Gives the dataplane another line-up, now or when it is there: that of `conf`, BORROWED until the next one is given.
// on_lineup comes when it has been taken or refused. To be called when none is on its way, or nobody is connected.
void cp_dplink_lineup(struct cp_dplink *link, const struct cp_conf *conf);

// The serial of the line-up that was taken last on this connection; 0: none was.
uint32_t cp_dplink_serial(const struct cp_dplink *link);

// Sends one message (BORROWED) of head.bytes bytes. 0, -EAGAIN, -ENOTCONN.
int cp_dplink_send(struct cp_dplink *link, const void *message);

// Closes and frees; the loop has to run once more for its handles.
void cp_dplink_close(struct cp_dplink *link);
