// SPDX-License-Identifier: GPL-3.0-or-later
#include "fault/fault.h"

#include <errno.h>
#include <string.h>

bool dp_fault_on[DP_FAULT_KINDS];

static const char *const name[DP_FAULT_KINDS] = {
#define X(symbol, text) [DP_FAULT_##symbol] = (text),
	DP_FAULT_TABLE(X)
#undef X
};

static int set_one(const char *word, size_t n)
{
	if (n == strlen("clear") && memcmp(word, "clear", n) == 0) {
		dp_fault_on[DP_FAULT_SKIP_LANE] = true;
		dp_fault_on[DP_FAULT_GUARD_OFF] = true;
		return 0;
	}
	for (int i = 0; i < DP_FAULT_KINDS; i++)
		if (strlen(name[i]) == n && memcmp(name[i], word, n) == 0) {
			dp_fault_on[i] = true;
			return 0;
		}
	return -EINVAL;
}

int dp_fault_set(const char *names)
{
	for (const char *at = names; *at; at += strspn(at, ",")) {
		size_t n = strcspn(at, ",");
		int rc = set_one(at, n);

		if (rc)
			return rc;
		at += n;
	}
	return 0;
}
