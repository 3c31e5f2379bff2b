// SPDX-License-Identifier: GPL-3.0-or-later
#include "dplink/text.h"

#include <string.h>

#include <jansson.h>

void cp_dplink_text_close(char *text, size_t capacity_bytes)
{
	size_t n = strnlen(text, capacity_bytes - 1);
	json_t *json;

	while (!(json = json_stringn(text, n)) && n > 0)
		n--;
	json_decref(json);
	memset(text + n, 0, capacity_bytes - n);
}
