// SPDX-License-Identifier: GPL-3.0-or-later
// The SimulCrypt synchroniser: all scrambling groups, the channels to their ECMGs, and the control words between them
// and the dataplane.
//
// A slow or dead ECMG delays its own groups and no other; nothing blocks.
//
// Refs: ETSI TS 103 197 clause 4 (SCS).
// Threads: the loop's. Owns: groups, channels, the store of control words, one locked message for the dataplane.
// Errors: -ENOMEM, -errno.
#pragma once

#include <uv.h>

#include "dplink/dplink.h"
#include "scs/group.h"

struct cp_scs {
	uv_loop_t *loop;
	const struct cp_conf *conf;
	struct cp_alarms *alarms;
	struct cp_dplink *link; // BORROWED; NULL: not there yet
	bool ready;             // the dataplane has our line-up
	struct cp_store store;
	struct base_secret message; // a dp_msg_period, while it is sent
	struct cp_group *group;
	struct cp_channel *channel; // by place of the ECMG
};

// `conf` and `alarms` BORROWED for its life.
int cp_scs_init(struct cp_scs *scs, uv_loop_t *loop, const struct cp_conf *conf, struct cp_alarms *alarms);
// Connects to the ECMGs; periods go to `link` (BORROWED).
void cp_scs_start(struct cp_scs *scs, struct cp_dplink *link);
// Closes the channels; the dataplane is left as it is. The loop has to run until nothing is left, then fini.
void cp_scs_close(struct cp_scs *scs);
void cp_scs_fini(struct cp_scs *scs);

// What the link tells.
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
