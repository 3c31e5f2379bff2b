// SPDX-License-Identifier: GPL-3.0-or-later
// Program association section. What parses is written and must parse as the same.
#include <ts_pat.h>
#include <ts_sealed.h>

static void check(uint8_t *section, size_t n)
{
	static struct ts_pat pat, back;
	int rc = ts_pat_parse(&pat, section, n);

	FUZZ_ASSERT(rc == 0 || rc == -EBADMSG);
	if (rc < 0)
		return;
	FUZZ_ASSERT(pat.n <= TS_PAT_PROGRAMS_MAX && n == 12 + pat.n * 4);

	uint8_t *out = malloc(n);

	FUZZ_ASSERT(out);
	FUZZ_ASSERT(ts_pat_write(out, n - 1, &pat) == -ENOSPC);
	FUZZ_ASSERT(ts_pat_write(out, n, &pat) == (int)n);
	FUZZ_ASSERT(ts_pat_parse(&back, out, n) == 0);
	FUZZ_ASSERT(back.transport_stream_id == pat.transport_stream_id && back.version == pat.version);
	FUZZ_ASSERT(back.current == pat.current && back.number == pat.number && back.last == pat.last);
	FUZZ_ASSERT(back.n == pat.n);
	for (size_t i = 0; i < pat.n; i++) {
		FUZZ_ASSERT(pat.program[i].pid <= 0x1FFF);
		FUZZ_ASSERT(back.program[i].number == pat.program[i].number &&
			    back.program[i].pid == pat.program[i].pid);
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ts_sealed_run(data, size, check);
	return 0;
}
