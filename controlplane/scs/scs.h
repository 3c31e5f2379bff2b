// SPDX-License-Identifier: GPL-3.0-or-later
// The SimulCrypt synchroniser: all scrambling groups, the channels to their ECMGs, and the control words between them
// and the dataplane.
//
// A slow or dead ECMG delays its own groups and no other; nothing blocks.
//
// Another document takes the place of the one that runs in two steps: cp_scs_prepare makes all that can fail, and
// cp_scs_take, when the dataplane has the line-up, puts it in use. What does not differ is not touched.
//
// Refs: ETSI TS 103 197 clause 4 (SCS).
// Threads: the loop's. Owns: groups and channels until they leave, the store of control words, one locked message for
//          the dataplane.
// Errors: -ENOMEM, -errno.
#pragma once

#include <uv.h>

#include "dplink/dplink.h"
#include "scs/group.h"
#include "service/difference.h"

struct cp_scs {
	uv_loop_t *loop;
	const struct cp_conf *conf; // NULL: none was taken yet
	struct cp_alarms *alarms;
	struct cp_dplink *link; // BORROWED; NULL: not there yet
	bool connected;         // to the dataplane
	bool ready;             // and it has our line-up
	struct cp_store store;
	struct base_secret message; // a dp_msg_period, while it is sent
	unsigned groups, channels;
	struct cp_group **group;     // by place in the document
	struct cp_channel **channel; // by place of the ECMG
};

// What cp_scs_take puts in use: the groups and channels of a document, those that are kept and new ones; and the
// streams of groups that are new or change their ECM stream.
struct cp_scs_change {
	const struct cp_conf *conf;
	struct cp_difference *difference;
	struct cp_group **group;
	struct cp_channel **channel;
	struct cp_stream **stream; // NULL: the group keeps its own
};

// Begins without groups or channels. `alarms` BORROWED for its life.
int cp_scs_init(struct cp_scs *scs, uv_loop_t *loop, struct cp_alarms *alarms);

// Prepares `conf` (BORROWED until it has been replaced in its turn). 0, or -ENOMEM and nothing is left of it.
int cp_scs_prepare(struct cp_scs *scs, struct cp_scs_change *change, const struct cp_conf *conf);
// Puts it in use, and connects to new ECMGs: `change` is empty after. Nothing must have been taken since it was
// prepared.
void cp_scs_take(struct cp_scs *scs, struct cp_scs_change *change);
// Forgets it; an empty one is left alone.
void cp_scs_drop(struct cp_scs_change *change);

// Closes the channels; the dataplane is left as it is. The loop has to run until nothing is left, then fini.
void cp_scs_close(struct cp_scs *scs);
void cp_scs_fini(struct cp_scs *scs);

// What the link tells. Periods go to it once it is ready; BORROWED.
void cp_scs_welcome(struct cp_scs *scs);
void cp_scs_held(struct cp_scs *scs, const struct dp_msg_group_state *msg);
void cp_scs_ready(struct cp_scs *scs);
void cp_scs_lineup_refused(struct cp_scs *scs);
void cp_scs_state(struct cp_scs *scs, const struct dp_msg_period_state *msg);
void cp_scs_refused(struct cp_scs *scs, const struct dp_msg_refused *msg);
void cp_scs_writable(struct cp_scs *scs);
void cp_scs_lost(struct cp_scs *scs);

// Sends a period of a group by way of the locked message. 0, -EAGAIN, -ENOTCONN, -ENOENT.
int cp_scs_send(struct cp_scs *scs, const struct cp_group *group, const struct cp_bundle *bundle);
