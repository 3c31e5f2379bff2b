// SPDX-License-Identifier: GPL-3.0-or-later
// All of bulkhead-control on one loop: the link to the dataplane, the SCS, the MUX, the operator's socket.
//
// Threads: the loop's. Owns: all of it.
// Errors: -errno of open, with the reason in the log.
#pragma once

#include <uv.h>

#include "dplink/dplink.h"
#include "mux/mux.h"
#include "oplink/oplink.h"
#include "scs/scs.h"
#include "service/alarms.h"
#include "service/conf.h"
#include "service/emm_feed.h"
#include "service/move.h"
#include "service/reload.h"

// The dataplane as the operator sees it.
struct cp_dataplane_view {
	bool connected;
	bool asked, taken; // the line-up
	double since;
	char error[DP_MSG_TEXT_BYTES];
	char *text; // the latest statistics document, not parsed yet; NULL: it is in `report`
	size_t text_bytes;
	uint64_t report_ns; // uv_hrtime
	json_t *report;     // NULL: none
};

struct cp_control {
	uv_loop_t *loop;
	const struct cp_conf *conf;      // that holds
	struct cp_conf *own;             // the same, when it came by a reload
	struct cp_conf *next;            // accepted, and holds once the dataplane has it; NULL: none
	struct cp_scs_change change;     // prepared for it
	unsigned moving;                 // groups whose ECMs are on the PID before as well
	const struct cp_conf *given;     // whose line-up the dataplane was given last
	bool lining_up;                  // and has not answered yet
	char refused[DP_MSG_TEXT_BYTES]; // why the dataplane refused the latest document; "": it did not
	const char *version;             // of the program, BORROWED
	double started;
	struct cp_alarms alarms;
	struct cp_dataplane_view dataplane;
	struct cp_dplink *link;
	struct cp_scs scs;
	struct cp_mux *mux; // NULL: none
	struct cp_emm_feed feed;
	struct cp_oplink *oplink; // NULL: none
	uv_timer_t listening;     // tries again to listen where the controller before still does
	struct cp_reload reload;
	struct cp_move move;
	bool fenced; // a newer controller is obeyed
};

// Opens everything and begins to connect. `conf` BORROWED for its life, also when another has taken its place; `epoch`
// is CLOCK_BOOTTIME in nanoseconds. After an error cp_control_close and _fini are still called.
int cp_control_open(struct cp_control *control, uv_loop_t *loop, const struct cp_conf *conf, const char *version,
		    uint64_t epoch);
// Closes; the dataplane is left as it is. The loop has to run until nothing is left, then fini.
void cp_control_close(struct cp_control *control);
void cp_control_fini(struct cp_control *control);

// Another document, checked and TAKEN, in place of the one that holds: the dataplane is given its line-up now or when
// it is there, and it holds once that is on air. Not while the dataplane has not answered to another line-up.
void cp_control_change(struct cp_control *control, struct cp_conf *next);

// What the operator asks: an answer, GIVEN, or NULL for what is unknown or is answered later.
json_t *cp_operator_answer(struct cp_control *control, const json_t *request);

// The status document of docs/operator-api.md, GIVEN.
json_t *cp_status(struct cp_control *control);
