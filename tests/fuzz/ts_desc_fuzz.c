// SPDX-License-Identifier: GPL-3.0-or-later
// A descriptor loop. Each descriptor lies inside; each CA_descriptor is written and must parse as the same.
#include <errno.h>

#include <fuzz.h>
#include <ts_desc.h>

static void ca(const struct ts_desc *desc)
{
	struct ts_desc_ca ca, back;
	int rc = ts_desc_ca_parse(&ca, desc);

	FUZZ_ASSERT(rc == (desc->tag == TS_DESC_CA && desc->n >= 4 ? 0 : -EBADMSG));
	if (rc < 0)
		return;

	size_t n = 2 + (size_t)desc->n;
	uint8_t *out = malloc(n);
	struct ts_desc again;

	FUZZ_ASSERT(out && ca.pid <= 0x1FFF && ca.private_n == n - 6);
	FUZZ_ASSERT(ts_desc_ca_write(out, n - 1, &ca) == -ENOSPC);
	FUZZ_ASSERT(ts_desc_ca_write(out, n, &ca) == (int)n);
	FUZZ_ASSERT(ts_desc_find(&(struct ts_desc_loop){out, n}, TS_DESC_CA, &again));
	FUZZ_ASSERT(ts_desc_ca_parse(&back, &again) == 0);
	FUZZ_ASSERT(back.ca_system_id == ca.ca_system_id && back.pid == ca.pid);
	FUZZ_ASSERT(fuzz_same(back.private_bytes, back.private_n, ca.private_bytes, ca.private_n));
	free(out);
}

static void scrambling(const struct ts_desc *desc)
{
	uint8_t out[3];

	if (desc->tag != TS_DESC_SCRAMBLING || desc->n != 1)
		return;
	FUZZ_ASSERT(ts_desc_scrambling_write(out, 2, desc->bytes[0]) == -ENOSPC);
	FUZZ_ASSERT(ts_desc_scrambling_write(out, 3, desc->bytes[0]) == 3);
	FUZZ_ASSERT(memcmp(out, desc->bytes - 2, 3) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = fuzz_exact(data, size);
	const struct ts_desc_loop loop = {exact, size};
	uint8_t seen[256] = {0};
	struct ts_desc desc, found;
	size_t position = 0, before = 0;
	int rc;

	while ((rc = ts_desc_next(&loop, &position, &desc)) > 0) {
		FUZZ_ASSERT(desc.bytes == exact + before + 2 && position == before + 2 + desc.n && position <= size);
		if (!seen[desc.tag])
			FUZZ_ASSERT(ts_desc_find(&loop, desc.tag, &found) && found.bytes == desc.bytes);
		seen[desc.tag] = 1;
		ca(&desc);
		scrambling(&desc);
		before = position;
	}
	FUZZ_ASSERT(rc == 0 ? position == size : position == before);
	FUZZ_ASSERT(ts_desc_check(&loop) == rc);
	// One absent tag stands for all: looking for each takes 256 walks of the loop.
	for (unsigned tag = 0; tag < 256; tag++) {
		if (seen[tag])
			continue;
		FUZZ_ASSERT(!ts_desc_find(&loop, (uint8_t)tag, &found));
		break;
	}
	free(exact);
	return 0;
}
