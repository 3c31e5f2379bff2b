// SPDX-License-Identifier: GPL-3.0-or-later
// A received frame. The first byte chooses the encapsulation of the input, the rest is the frame.
#include <fuzz.h>

#include "stage/frame.h"

static bool is_reason(int rc)
{
	return rc == -1 || (rc >= 0 && rc < DP_DROPS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dp_frame frame;
	struct dp_frame_ts ts;

	if (size == 0)
		return 0;
	size_t n = size - 1;
	uint8_t *bytes = fuzz_exact(data + 1, n);
	int rc = dp_frame_parse(&frame, bytes, n);

	FUZZ_ASSERT(is_reason(rc));
	if (rc == -1) {
		FUZZ_ASSERT(frame.offset >= 42 && (size_t)frame.offset + frame.bytes <= n && frame.flow.vlan < 4096);
		rc = dp_frame_packets(&ts, &frame, bytes, (enum dp_encapsulation)(data[0] % 3));
		FUZZ_ASSERT(rc == -1 || rc == DP_DROP_NOT_TS);
		if (rc == -1) {
			FUZZ_ASSERT(ts.bytes && ts.bytes % TS_PACKET_BYTES == 0 && ts.bytes <= DP_DGRAM_TS_BYTES);
			FUZZ_ASSERT(ts.offset >= frame.offset);
			FUZZ_ASSERT(ts.offset + ts.bytes <= frame.offset + frame.bytes);
		}
	}
	free(bytes);
	return 0;
}
