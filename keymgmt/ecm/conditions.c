// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecm/conditions.h"

#include <errno.h>
#include <stdbool.h>

enum { HEAD_BYTES = 2 };

// What a value looks like: one or more elements of so many bytes, or exactly one.
static const struct {
	uint8_t bytes;
	bool list;
} shapes[] = {
	[1] = {4, true},  // product ids
	[2] = {0, false}, // free preview
	[3] = {1, false}, // rating
	[4] = {3, false}, // area: id, mode
	[5] = {6, false}, // event: id, price
	[6] = {1, false}, // copy control
	[7] = {1, false}, // fingerprint
};

static bool value_ok(unsigned type, size_t n)
{
	if (type == 0 || type >= sizeof(shapes) / sizeof(shapes[0]))
		return false;
	return shapes[type].list ? n > 0 && n % shapes[type].bytes == 0 : n == shapes[type].bytes;
}

int km_conditions_check(const uint8_t *tlv, size_t n)
{
	for (size_t at = 0; at < n; at += HEAD_BYTES + tlv[at + 1])
		if (n - at < HEAD_BYTES || n - at - HEAD_BYTES < tlv[at + 1] || !value_ok(tlv[at], tlv[at + 1]))
			return -EINVAL;
	return 0;
}
