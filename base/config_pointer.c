// SPDX-License-Identifier: GPL-3.0-or-later
// JSON pointers (RFC 6901) built step by step.
#include "config_pointer.h"

#include <string.h>

#define LAST "..."

// Appends `n` bytes, or LAST when that or a later LAST would not fit. Returns false when it did not fit.
static bool append(char *out, size_t *used, const char *bytes, size_t n)
{
	if (*used + n + sizeof(LAST) > BASE_CONFIG_POINTER_BYTES) {
		memcpy(out + *used, LAST, sizeof(LAST));
		return false;
	}
	memcpy(out + *used, bytes, n);
	*used += n;
	out[*used] = '\0';
	return true;
}

void base_config_pointer(char out[BASE_CONFIG_POINTER_BYTES], const char *parent, const char *key)
{
	size_t used = strnlen(parent, BASE_CONFIG_POINTER_BYTES - sizeof(LAST));
	bool fits;

	memmove(out, parent, used);
	fits = append(out, &used, "/", 1);
	for (; fits && *key; key++) {
		if (*key == '~')
			fits = append(out, &used, "~0", 2);
		else if (*key == '/')
			fits = append(out, &used, "~1", 2);
		else
			fits = append(out, &used, key, 1);
	}
}
