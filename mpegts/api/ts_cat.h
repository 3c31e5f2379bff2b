// SPDX-License-Identifier: GPL-3.0-or-later
// Conditional access section, table_id 0x01: where the EMMs are.
//
// Refs: ISO/IEC 13818-1 clause 2.4.4.6. Threads: any; pure. Errors: -EBADMSG, -ENOSPC.
#pragma once

#include <ts_desc.h>
#include <ts_section.h>

#define TS_CAT_TABLE_ID 0x01

struct ts_cat {
	uint8_t version;
	bool current;
	uint8_t number, last;
	struct ts_desc_loop info; // CA_descriptors and others
};

// Parses a whole section with its CRC; the loop BORROWS `section` and every descriptor in it fits.
int ts_cat_parse(struct ts_cat *out, const uint8_t *section, size_t n);

// Writes a whole section with its CRC; returns its size in bytes or -ENOSPC.
int ts_cat_write(uint8_t *out, size_t capacity, const struct ts_cat *cat);
