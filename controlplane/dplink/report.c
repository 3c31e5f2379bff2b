// SPDX-License-Identifier: GPL-3.0-or-later
#include "dplink/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void cp_dplink_report_fini(struct cp_dplink_report *report)
{
	free(report->text);
	*report = (struct cp_dplink_report){0};
}

static int begin(struct cp_dplink_report *report, const struct dp_msg_report *part)
{
	if (part->total == 0 || part->total > CP_DPLINK_REPORT_MAX)
		return -EBADMSG;
	if (part->total != report->total) {
		char *text = realloc(report->text, part->total);

		if (!text)
			return -ENOMEM;
		report->text = text;
	}
	report->serial = part->serial;
	report->total = part->total;
	report->have = 0;
	return 0;
}

int cp_dplink_report_take(struct cp_dplink_report *report, const struct dp_msg_report *part)
{
	int rc = part->offset == 0 ? begin(report, part) : 0;

	if (rc)
		return rc;
	if (!report->text || part->serial != report->serial || part->total != report->total ||
	    part->offset != report->have || part->bytes == 0 || part->bytes > sizeof(part->part) ||
	    part->bytes > report->total - report->have)
		return -EBADMSG;
	memcpy(report->text + report->have, part->part, part->bytes);
	report->have += part->bytes;
	return report->have == report->total;
}
