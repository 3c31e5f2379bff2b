// SPDX-License-Identifier: GPL-3.0-or-later
// The statistics document, once a second, in parts.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "link/message.h"
#include "link/tell.h"
#include "report/report.h"

enum { REPORT_MS = 1000 };

static int make(struct dp_tell *tell)
{
	struct dp_tell_report *report = &tell->report;

	report->text = dp_report_text(tell->plant);
	if (!report->text)
		return -ENOMEM;
	report->total = strlen(report->text);
	report->at = 0;
	report->serial++;
	return 0;
}

static int send_part(struct dp_tell *tell)
{
	struct dp_tell_report *report = &tell->report;
	size_t left = report->total - report->at;
	struct dp_msg_report message = {.head = dp_link_message_head(DP_MSG_REPORT),
					.serial = report->serial,
					.offset = (uint32_t)report->at,
					.total = (uint32_t)report->total};

	message.bytes = (uint32_t)(left < sizeof(message.part) ? left : sizeof(message.part));
	memcpy(message.part, report->text + report->at, message.bytes);
	int rc = tell->send(tell->to, &message, sizeof(message));

	if (!rc)
		report->at += message.bytes;
	return rc;
}

// A document that cannot be made for want of memory is one that is skipped.
int dp_tell_report(struct dp_tell *tell, uint64_t now_ms)
{
	struct dp_tell_report *report = &tell->report;
	int rc = 0;

	if (now_ms >= report->due_ms) {
		report->due_ms = now_ms + REPORT_MS;
		if (report->text || tell->welcome_due || make(tell))
			report->skipped++;
	}
	if (tell->welcome_due)
		return 0;
	while (report->text && !rc) {
		rc = send_part(tell);
		if (report->at == report->total) {
			free(report->text);
			report->text = NULL;
		}
	}
	return rc;
}
