// SPDX-License-Identifier: GPL-3.0-or-later
// EMM packets on their way from the MUX to the dataplane: a bounded queue of messages. What finds no room is dropped
// and counted; repetition belongs to the EMMG.
//
// Threads: the loop's. Owns: the queue; no secret is in it.
// Errors: -ENOMEM.
#pragma once

#include <stdint.h>

#include <ts_packet.h>

#include "dplink/dplink.h"
#include "service/difference.h"

#define CP_EMM_FEED_MESSAGES 256

struct cp_emm_feed {
	struct cp_dplink *link; // BORROWED
	struct dp_msg_emm_data *message;
	unsigned first, n;
	uint64_t waiting[DP_MSG_EMMS_MAX]; // packets, by stream
	uint64_t dropped[DP_MSG_EMMS_MAX];
};

int cp_emm_feed_init(struct cp_emm_feed *feed);
void cp_emm_feed_fini(struct cp_emm_feed *feed);

// Another line-up has taken the place of the one before: what waits, and the counts, are of its streams by name.
void cp_emm_feed_change(struct cp_emm_feed *feed, const struct cp_difference_list *streams);

// Takes packets of a stream (BORROWED) and sends what there is room for.
void cp_emm_feed_put(struct cp_emm_feed *feed, unsigned stream, const uint8_t (*packets)[TS_PACKET_BYTES], unsigned n);
// There is room again. Or there is no dataplane: what waits is dropped.
void cp_emm_feed_push(struct cp_emm_feed *feed);
void cp_emm_feed_drop(struct cp_emm_feed *feed);
