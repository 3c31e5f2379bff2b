// SPDX-License-Identifier: GPL-3.0-or-later
// Conditional access section. See ts_cat.h.
//
// Refs: ISO/IEC 13818-1 clause 2.4.4.6, table 2-32.
#include <ts_cat.h>

int ts_cat_parse(struct ts_cat *out, const uint8_t *section, size_t n)
{
	struct ts_section s;
	int rc = ts_section_parse(&s, section, n);

	if (rc < 0)
		return rc;
	if (s.table_id != TS_CAT_TABLE_ID || s.number > s.last)
		return -EBADMSG;
	*out = (struct ts_cat){
		.version = s.version,
		.current = s.current,
		.number = s.number,
		.last = s.last,
		.info = {.bytes = s.body, .n = s.body_bytes},
	};
	return ts_desc_check(&out->info);
}

int ts_cat_write(uint8_t *out, size_t capacity, const struct ts_cat *cat)
{
	return ts_section_write(out, capacity,
				&(struct ts_section){
					.table_id = TS_CAT_TABLE_ID,
					.extension = 0xFFFF, // reserved
					.version = cat->version,
					.current = cat->current,
					.number = cat->number,
					.last = cat->last,
					.body = cat->info.bytes,
					.body_bytes = cat->info.n,
				});
}
