// SPDX-License-Identifier: GPL-3.0-or-later
// The PAT of each input and the PMT of each service, as they came, when they have changed.
#include <string.h>

#include "link/message.h"
#include "link/tell.h"
#include "plant.h"

// What has not been heard is not told: a PMT that is awaited, or of a service in no PAT.
static int send_section(struct dp_tell *tell, unsigned input, unsigned service, uint16_t pid,
			const struct dp_section *section)
{
	if (section->bytes == 0)
		return 0;
	struct dp_msg_input_psi message = {.head = dp_link_message_head(DP_MSG_INPUT_PSI),
					   .input = (uint16_t)input,
					   .service = (uint16_t)service,
					   .pid = pid,
					   .bytes = section->bytes};

	memcpy(message.section, section->section, section->bytes);
	return tell->send(tell->to, &message, sizeof(message));
}

static int tell_pats(struct dp_tell *tell)
{
	const struct dp_lineup *lineup = &tell->plant->lineup;
	struct dp_section pat;

	for (unsigned i = 0; i < lineup->inputs; i++) {
		unsigned serial = dp_serial_look(&lineup->input[i].pat_view.serial);

		if (tell->index.input[i] == DP_MSG_NONE || !lineup->input[i].conf || serial == tell->input_serial[i])
			continue;
		dp_pat_view_read(&lineup->input[i].pat_view, &pat);
		int rc = send_section(tell, tell->index.input[i], DP_MSG_NONE, TS_PID_PAT, &pat);

		if (rc)
			return rc;
		tell->input_serial[i] = serial;
	}
	return 0;
}

static int tell_pmts(struct dp_tell *tell)
{
	const struct dp_lineup *lineup = &tell->plant->lineup;
	struct dp_view_content view;

	for (unsigned i = 0; i < lineup->services; i++) {
		unsigned serial = dp_view_serial(&lineup->service[i].view);

		if (tell->index.service[i] == DP_MSG_NONE || !lineup->service[i].conf ||
		    serial == tell->service_serial[i])
			continue;
		dp_view_read(&lineup->service[i].view, &view);
		unsigned input = tell->index.input[lineup->service[i].input - lineup->input];
		int rc = send_section(tell, input, tell->index.service[i], view.pmt_pid, &view.pmt);

		if (rc)
			return rc;
		tell->service_serial[i] = serial;
	}
	return 0;
}

int dp_tell_psi(struct dp_tell *tell)
{
	if (!tell->indexed)
		return 0;
	int rc = tell_pats(tell);

	return rc ? rc : tell_pmts(tell);
}
