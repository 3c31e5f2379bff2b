// SPDX-License-Identifier: GPL-3.0-or-later
// Conditional access section. What parses is written and must parse as the same.
#include <ts_cat.h>
#include <ts_sealed.h>

static void check(uint8_t *section, size_t n)
{
	struct ts_cat cat, back;
	int rc = ts_cat_parse(&cat, section, n);

	FUZZ_ASSERT(rc == 0 || rc == -EBADMSG);
	if (rc < 0)
		return;
	FUZZ_ASSERT(cat.info.bytes == section + 8 && cat.info.n == n - 12 && ts_desc_check(&cat.info) == 0);

	uint8_t *out = malloc(n);

	FUZZ_ASSERT(out);
	FUZZ_ASSERT(ts_cat_write(out, n - 1, &cat) == -ENOSPC);
	FUZZ_ASSERT(ts_cat_write(out, n, &cat) == (int)n);
	FUZZ_ASSERT(ts_cat_parse(&back, out, n) == 0);
	FUZZ_ASSERT(back.version == cat.version && back.current == cat.current);
	FUZZ_ASSERT(back.number == cat.number && back.last == cat.last);
	FUZZ_ASSERT(fuzz_same(back.info.bytes, back.info.n, cat.info.bytes, cat.info.n));
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ts_sealed_run(data, size, check);
	return 0;
}
