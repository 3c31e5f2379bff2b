// SPDX-License-Identifier: GPL-3.0-or-later
// One crypto-period as the message of the dataplane.
//
// Threads: the loop's. Owns: nothing. Errors: -ENOENT when a control word is not in the store.
#pragma once

#include <dp_msg.h>

#include "scs/group.h"

// Takes over the ECM section (BORROWED) and what channel_status says for period `cp`. 0 or -ENOMEM.
int cp_bundle_make(struct cp_bundle *bundle, const struct cp_stream *stream, uint16_t cp, const uint8_t *section,
		   size_t n);
// Writes the message but for the line-up it belongs to; it holds control words and is scrubbed by the caller.
int cp_bundle_write(struct dp_msg_period *out, const struct cp_bundle *bundle, const struct cp_group *group,
		    const struct cp_store *store);
void cp_bundle_drop(struct cp_bundle *bundle);
