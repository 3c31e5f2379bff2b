// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/fault.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *const point_name[CP_FAULTS] = {
	[CP_FAULT_CW_MADE] = "cw-made",       [CP_FAULT_ECM_BACK] = "ecm-back", [CP_FAULT_PERIOD_SENT] = "period-sent",
	[CP_FAULT_ECM_ON_AIR] = "ecm-on-air", [CP_FAULT_FLIPPED] = "flipped",
};

// The test program's alone: how often each point may still be passed; 0: always.
static unsigned long left[CP_FAULTS];

int cp_fault_set(const char *text)
{
	size_t n = strcspn(text, ":");
	unsigned long count = 1;

	if (text[n] == ':') {
		char *end;

		count = strtoul(text + n + 1, &end, 10);
		if (text[n + 1] < '0' || text[n + 1] > '9' || *end || count == 0)
			return -EINVAL;
	}
	for (unsigned i = 0; i < CP_FAULTS; i++)
		if (strlen(point_name[i]) == n && memcmp(point_name[i], text, n) == 0) {
			left[i] = count;
			return 0;
		}
	return -EINVAL;
}

void cp_fault_pass(enum cp_fault point)
{
	if (left[point] && --left[point] == 0)
		raise(SIGKILL);
}
