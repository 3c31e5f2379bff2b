// SPDX-License-Identifier: GPL-3.0-or-later
// The long section header. What parses is written and must parse as the same.
#include <ts_sealed.h>

static void check(uint8_t *section, size_t n)
{
	struct ts_section s, back;
	int rc = ts_section_parse(&s, section, n);

	FUZZ_ASSERT(rc == 0 || rc == -EBADMSG);
	if (rc < 0)
		return;
	FUZZ_ASSERT(s.body == section + 8 && s.body_bytes == n - 12 && s.version < 32);
	FUZZ_ASSERT(ts_crc32(section, n) == 0);

	uint8_t *out = malloc(n);

	FUZZ_ASSERT(out);
	FUZZ_ASSERT(ts_section_write(out, n - 1, &s) == -ENOSPC);
	FUZZ_ASSERT(ts_section_write(out, n, &s) == (int)n);
	FUZZ_ASSERT(ts_section_parse(&back, out, n) == 0);
	FUZZ_ASSERT(back.table_id == s.table_id && back.extension == s.extension && back.version == s.version);
	FUZZ_ASSERT(back.current == s.current && back.number == s.number && back.last == s.last);
	FUZZ_ASSERT(fuzz_same(back.body, back.body_bytes, s.body, s.body_bytes));
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ts_sealed_run(data, size, check);
	return 0;
}
