// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/criteria.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <base_bytes.h>

enum { KEY_ID_BYTES = 2, CONDITION_HEAD_BYTES = 2 };

// Length of each condition's value, by its type; product ids are any number of 4 bytes.
enum { PRODUCTS = 0x01, PRODUCT_BYTES = 4 };
static const struct {
	uint8_t type, bytes;
} fixed[] = {
	{0x02, 0}, // free preview
	{0x03, 1}, // rating
	{0x04, 3}, // area
	{0x05, 6}, // event
	{0x06, 1}, // copy control
	{0x07, 1}, // fingerprint
};

static bool fits(uint8_t type, size_t n)
{
	if (type == PRODUCTS)
		return n > 0 && n % PRODUCT_BYTES == 0;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (fixed[i].type == type)
			return fixed[i].bytes == n;
	return false;
}

static bool conditions_good(const uint8_t *at, size_t left)
{
	while (left > 0) {
		if (left < CONDITION_HEAD_BYTES || left - CONDITION_HEAD_BYTES < at[1] || !fits(at[0], at[1]))
			return false;
		left -= CONDITION_HEAD_BYTES + (size_t)at[1];
		at += CONDITION_HEAD_BYTES + (size_t)at[1];
	}
	return true;
}

int cas_criteria_parse(struct cas_criteria *out, const uint8_t *bytes, size_t n)
{
	if (n < KEY_ID_BYTES || n > KEY_ID_BYTES + KM_MSG_TLV_BYTES)
		return -EINVAL;
	if (!conditions_good(bytes + KEY_ID_BYTES, n - KEY_ID_BYTES))
		return -EINVAL;
	*out = (struct cas_criteria){.service_key_id = base_bytes_get16(bytes), .tlv_n = (uint8_t)(n - KEY_ID_BYTES)};
	memcpy(out->tlv, bytes + KEY_ID_BYTES, n - KEY_ID_BYTES);
	return 0;
}
