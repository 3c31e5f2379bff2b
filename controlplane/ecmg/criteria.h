// SPDX-License-Identifier: GPL-3.0-or-later
// Access criteria: which service key seals an ECM, and the conditions that travel in it.
//
// Refs: docs/ecm.md, "Access criteria". Threads: any; pure. Owns: nothing.
// Errors: -EINVAL.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <km_msg.h>

struct cas_criteria {
	uint16_t service_key_id;
	uint8_t tlv_n;
	uint8_t tlv[KM_MSG_TLV_BYTES];
};

// Reads `n` bytes (BORROWED). 0, or -EINVAL for what is shorter than a service_key_id, longer than an ECM can hold, of
// an unknown condition, or of a condition with a wrong length; `out` is then untouched.
int cas_criteria_parse(struct cas_criteria *out, const uint8_t *bytes, size_t n);
