// SPDX-License-Identifier: GPL-3.0-or-later
// A statistics document put together from its parts.
//
// Refs: dp_msg_report in dataplane/api/dp_msg.h. Threads: the loop's. Owns: the text.
// Errors: -ENOMEM; -EBADMSG for a part that does not fit the one before (a new document may begin at any time).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <dp_msg.h>

#define CP_DPLINK_REPORT_MAX (64u << 20)

struct cp_dplink_report {
	uint32_t serial, total, have;
	char *text;
};

// Takes a part (BORROWED). 1 when the document is whole in text[0..total), 0 when parts are missing.
int cp_dplink_report_take(struct cp_dplink_report *report, const struct dp_msg_report *part);
void cp_dplink_report_fini(struct cp_dplink_report *report);
