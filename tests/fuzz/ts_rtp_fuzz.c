// SPDX-License-Identifier: GPL-3.0-or-later
// RTP header. What parses is written without its lists and must parse as the same.
#include <errno.h>

#include <fuzz.h>
#include <ts_rtp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = fuzz_exact(data, size);
	struct ts_rtp rtp, back;
	int rc = ts_rtp_parse(&rtp, exact, size);

	FUZZ_ASSERT(rc == 0 || rc == -EBADMSG);
	if (rc == 0) {
		uint8_t out[TS_RTP_HEADER_BYTES];

		FUZZ_ASSERT(rtp.payload_offset >= TS_RTP_HEADER_BYTES);
		FUZZ_ASSERT((size_t)rtp.payload_offset + rtp.payload_bytes <= size);
		FUZZ_ASSERT(ts_rtp_write(out, sizeof(out) - 1, &rtp) == -ENOSPC);
		FUZZ_ASSERT(ts_rtp_write(out, sizeof(out), &rtp) == (int)sizeof(out));
		FUZZ_ASSERT(memcmp(out + 1, exact + 1, sizeof(out) - 1) == 0);
		FUZZ_ASSERT(ts_rtp_parse(&back, out, sizeof(out)) == 0);
		FUZZ_ASSERT(back.marker == rtp.marker && back.payload_type == rtp.payload_type);
		FUZZ_ASSERT(back.sequence == rtp.sequence && back.timestamp_90khz == rtp.timestamp_90khz);
		FUZZ_ASSERT(back.ssrc == rtp.ssrc && back.payload_bytes == 0);
	}
	free(exact);
	return 0;
}
