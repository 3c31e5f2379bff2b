// SPDX-License-Identifier: GPL-3.0-or-later
#include "emmg/sections.h"

#include <errno.h>
#include <stdio.h>

#include <ts_section.h>

enum { EMM_FIRST = 0x82, EMM_LAST = 0x8F };

int cas_sections_check(const uint8_t *bytes, size_t n, char why[BASE_ERR_TEXT_BYTES])
{
	size_t at = 0;
	int count = 0;

	for (; at < n; count++) {
		size_t left = n - at, want = left < TS_SECTION_HEADER_BYTES ? 0 : ts_section_bytes(bytes + at);

		if (bytes[at] < EMM_FIRST || bytes[at] > EMM_LAST)
			snprintf(why, BASE_ERR_TEXT_BYTES,
				 "byte %zu, section %d: table_id 0x%02x is none of an EMM, 0x82 to 0x8f", at, count + 1,
				 bytes[at]);
		else if (want == 0 || want > left)
			snprintf(why, BASE_ERR_TEXT_BYTES, "byte %zu, section %d: %zu bytes are left of %zu", at,
				 count + 1, left, want ? want : (size_t)TS_SECTION_HEADER_BYTES);
		else if (want == TS_SECTION_HEADER_BYTES || want > TS_SECTION_MAX_BYTES)
			snprintf(why, BASE_ERR_TEXT_BYTES, "byte %zu, section %d: section_length %zu is not 1 to %d",
				 at, count + 1, want - TS_SECTION_HEADER_BYTES,
				 TS_SECTION_MAX_BYTES - TS_SECTION_HEADER_BYTES);
		else {
			at += want;
			continue;
		}
		return -EINVAL;
	}
	if (count == 0)
		snprintf(why, BASE_ERR_TEXT_BYTES, "there is no section");
	return count ? count : -EINVAL;
}
