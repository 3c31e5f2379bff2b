// SPDX-License-Identifier: GPL-3.0-or-later
// Program map section. What parses is written and must parse as the same.
#include <ts_pmt.h>
#include <ts_sealed.h>

static void inside(const struct ts_desc_loop *loop, const uint8_t *section, size_t n)
{
	FUZZ_ASSERT(loop->bytes >= section + 12 && loop->bytes + loop->n <= section + n - 4);
	FUZZ_ASSERT(ts_desc_check(loop) == 0);
}

static bool same_loop(const struct ts_desc_loop *a, const struct ts_desc_loop *b)
{
	return fuzz_same(a->bytes, a->n, b->bytes, b->n);
}

static void check(uint8_t *section, size_t n)
{
	static struct ts_pmt pmt, back;
	int rc = ts_pmt_parse(&pmt, section, n);

	FUZZ_ASSERT(rc == 0 || rc == -EBADMSG);
	if (rc < 0)
		return;
	FUZZ_ASSERT(pmt.n <= TS_PMT_STREAMS_MAX && pmt.pcr_pid <= 0x1FFF);

	uint8_t *out = malloc(n);

	FUZZ_ASSERT(out);
	FUZZ_ASSERT(ts_pmt_write(out, n - 1, &pmt) == -ENOSPC);
	FUZZ_ASSERT(ts_pmt_write(out, n, &pmt) == (int)n);
	FUZZ_ASSERT(ts_pmt_parse(&back, out, n) == 0);
	FUZZ_ASSERT(back.program_number == pmt.program_number && back.version == pmt.version);
	FUZZ_ASSERT(back.current == pmt.current && back.pcr_pid == pmt.pcr_pid && back.n == pmt.n);
	inside(&pmt.info, section, n);
	FUZZ_ASSERT(same_loop(&back.info, &pmt.info));
	for (size_t i = 0; i < pmt.n; i++) {
		inside(&pmt.stream[i].info, section, n);
		FUZZ_ASSERT(back.stream[i].stream_type == pmt.stream[i].stream_type);
		FUZZ_ASSERT(back.stream[i].pid == pmt.stream[i].pid && pmt.stream[i].pid <= 0x1FFF);
		FUZZ_ASSERT(same_loop(&back.stream[i].info, &pmt.stream[i].info));
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ts_sealed_run(data, size, check);
	return 0;
}
