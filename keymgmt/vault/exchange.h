// SPDX-License-Identifier: GPL-3.0-or-later
// One message of the CAS in, one message of the vault out; no sockets here.
//
// Refs: keymgmt/api/km_msg.h.
// Threads: one owner. Owns: what its ECM maker owns.
// Secrets: an ECM_BATCH is scrubbed where it lies before the answer is given back.
// Errors: -EPROTO for a message of another type or size, or with too many requests; -EIO when the cipher fails.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <km_msg.h>

#include "ecm/ecm.h"

struct km_exchange {
	struct km_ecm_maker maker;
	uint64_t ecms;    // composed
	uint64_t refused; // answered with an error
};

// Room for a message that comes in, and for one that goes out.
union km_exchange_in {
	struct km_msg_head head;
	struct km_msg_status_request status_request;
	struct km_msg_ecm_batch ecm_batch;
};

union km_exchange_out {
	struct km_msg_head head;
	struct km_msg_status status;
	struct km_msg_ecm_result ecm_result;
};

// Answers the `n` bytes in `in` (BORROWED, scrubbed), with this UTC time in the ECMs. Returns the answer's size.
ssize_t km_exchange_answer(struct km_exchange *exchange, union km_exchange_in *in, size_t n, uint32_t utc_s,
			   union km_exchange_out *out);
