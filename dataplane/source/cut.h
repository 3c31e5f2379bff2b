// SPDX-License-Identifier: GPL-3.0-or-later
// The ECM sections of a PERIOD message, checked and cut into packets.
//
// Refs: ETSI TS 103 197 clause 5 (ECM_response); ETSI TR 289 (ECM: table_id 0x80, 0x81); ISO/IEC 13818-1 clause 2.4.4.
// Threads: any; pure functions. Owns: nothing.
// Errors: -EINVAL for a section that is no ECM, -ENOSPC when they take over DP_ECM_PKTS_MAX packets.
#pragma once

#include <dp_msg.h>

#include "carousel/ecm.h"

// Fills the set from a message whose numbers are in range (link/range.h). 0 or -errno; then the set holds nothing.
int dp_ecm_set_cut(struct dp_ecm_set *set, const struct dp_msg_period *period);
