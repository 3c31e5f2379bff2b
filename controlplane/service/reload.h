// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the configuration document anew while all runs: it is read and checked whole beside the loop, compared by
// name with the one that holds, and given to the dataplane; it holds once the dataplane has it.
//
//   IDLE -> READING (in a thread) -> WAITING (for an answer to a line-up before) -> ASKING (the dataplane) -> IDLE
//
// One at a time. A SIGHUP that comes meanwhile has the document read once more after, however many came; an operator
// who asks meanwhile is refused. A document with mistakes, or one that the dataplane refuses, changes nothing: the one
// that holds stays. Without a dataplane a good one is kept and given to it when it is there.
//
// Refs: docs/control-config.md; sd_notify(3), RELOADING.
// Threads: the loop's; the reading itself in one of libuv's. Owns: the candidate, until it is accepted.
// Errors: told to who asked, in the log, and as the alarm config_refused.
#pragma once

#include <uv.h>

#include "oplink/oplink.h"
#include "service/conf.h"

struct cp_control;

enum cp_reload_state { CP_RELOAD_IDLE, CP_RELOAD_READING, CP_RELOAD_WAITING, CP_RELOAD_ASKING };

struct cp_reload {
	struct cp_control *control;
	const char *path;                   // of the document, BORROWED
	void (*notify)(const char *states); // sd_notify, or NULL
	enum cp_reload_state state;
	bool again;                     // SIGHUP came meanwhile
	bool check;                     // only to be checked
	struct cp_oplink_ticket ticket; // who asked
	uv_work_t work;
	struct cp_conf *candidate;
	struct base_errs *errs;
	json_t *difference; // of what the dataplane is asked for
	uv_timer_t patience;
	double loaded; // when the document that holds was accepted
};

void cp_reload_init(struct cp_reload *reload, struct cp_control *control);
// Its handles; what is being read is waited for by the loop.
void cp_reload_close(struct cp_reload *reload);
void cp_reload_fini(struct cp_reload *reload);

// SIGHUP.
void cp_reload_signal(struct cp_reload *reload);
// The operator asks. The answer (GIVEN), or NULL: it comes later.
json_t *cp_reload_ask(struct cp_reload *reload, bool check);

// The dataplane has taken what was asked for; or refused it, and says why; or is away, and what was asked for is kept.
void cp_reload_taken(struct cp_reload *reload);
void cp_reload_refused(struct cp_reload *reload, const char *why);
void cp_reload_kept(struct cp_reload *reload);

// "config" of docs/operator-api.md, GIVEN.
json_t *cp_reload_json(const struct cp_reload *reload);
