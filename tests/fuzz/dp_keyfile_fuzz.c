// SPDX-License-Identifier: GPL-3.0-or-later
// The key file. What parses keeps what its header promises; what does not is told by line, and holds nothing.
#include <errno.h>

#include <fuzz.h>

#include "source/keyfile.h"

static void check_group(const struct dp_keyfile *keyfile, const struct dp_keyfile_group *g)
{
	FUZZ_ASSERT(strlen(g->name) > 0 && strlen(g->name) < DP_KEYFILE_NAME_BYTES);
	FUZZ_ASSERT(dp_keyfile_find(keyfile, g->name) == g);
	FUZZ_ASSERT(g->cw_bytes == 8 || g->cw_bytes == 16);
	FUZZ_ASSERT(g->cps > 0 && !(g->repeat && g->cps % 2));
	FUZZ_ASSERT(g->period_ms ? g->period_ms >= DP_KEYFILE_PERIOD_MIN_MS && g->period_ms <= DP_KEYFILE_PERIOD_MAX_MS
				 : g->cps == 1);
	const uint8_t *last = dp_keyfile_cw(keyfile, g, g->cps - 1);

	FUZZ_ASSERT(last >= keyfile->cws.bytes);
	FUZZ_ASSERT(last + DP_CW_MAX_BYTES <= keyfile->cws.bytes + keyfile->cws.len_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base_errs errs;
	struct dp_keyfile keyfile;
	uint8_t *text = fuzz_exact(data, size);

	base_errs_init(&errs);
	int rc = dp_keyfile_parse(&keyfile, (const char *)text, size, "k", &errs);

	FUZZ_ASSERT(rc == 0 || rc == -EINVAL);
	FUZZ_ASSERT((rc == 0) == base_errs_none(&errs));
	for (size_t i = 0; i < errs.count; i++)
		FUZZ_ASSERT(strncmp(errs.text[i], "k:", 2) == 0 && strtoul(errs.text[i] + 2, NULL, 10) > 0);
	for (size_t i = 0; i < keyfile.groups; i++)
		check_group(&keyfile, &keyfile.group[i]);
	FUZZ_ASSERT(rc == 0 || (!keyfile.group && !keyfile.cws.bytes));
	dp_keyfile_free(&keyfile);
	free(text);
	return 0;
}
