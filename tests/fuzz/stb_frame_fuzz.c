// SPDX-License-Identifier: GPL-3.0-or-later
// Captured frames and datagrams, as the terminal takes them. The input is a row of records: a byte whose low bit says
// frame (0) or datagram (1), a size of two bytes, and as many bytes or what is left of them.
#include <errno.h>
#include <stdbool.h>

#include <base_bytes.h>
#include <fuzz.h>
#include <stb_input.h>
#include <ts_packet.h>

static uint8_t packets[STB_INPUT_MAX_PKTS * TS_PACKET_BYTES];

static void take_datagram(struct stb_input *in, const uint8_t *datagram, size_t n)
{
	struct stb_input_counts before = in->counts;
	int count = stb_input_datagram(in, packets, datagram, n);

	FUZZ_ASSERT(count >= 0 && count <= STB_INPUT_MAX_PKTS);
	FUZZ_ASSERT((size_t)count * TS_PACKET_BYTES <= n);
	FUZZ_ASSERT(in->counts.datagrams == before.datagrams + 1);
	FUZZ_ASSERT(in->counts.refused == before.refused + (count == 0));
	FUZZ_ASSERT(in->counts.rtp_gaps - before.rtp_gaps <= 1 && in->counts.rtp_lost - before.rtp_lost < 0x8000);
	for (int i = 0; i < count; i++)
		FUZZ_ASSERT(packets[i * TS_PACKET_BYTES] == TS_SYNC_BYTE);
}

static void take_frame(struct stb_input *in, const uint8_t *bytes, size_t n)
{
	struct stb_frame frame;
	int rc = stb_frame_read(&frame, bytes, n);

	FUZZ_ASSERT(rc == 0 || rc == -EBADMSG);
	if (rc < 0)
		return;
	// Ethernet, IPv4 and UDP headers stand before it.
	FUZZ_ASSERT(frame.payload >= bytes + 42 && frame.n <= (size_t)(bytes + n - frame.payload));
	take_datagram(in, frame.payload, frame.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stb_input in = {0};

	for (size_t at = 0; size - at >= 3;) {
		bool datagram = data[at] & 1;
		size_t n = base_bytes_get16(data + at + 1), left = size - at - 3;
		uint8_t *bytes;

		n = n < left ? n : left;
		bytes = fuzz_exact(data + at + 3, n);
		if (datagram)
			take_datagram(&in, bytes, n);
		else
			take_frame(&in, bytes, n);
		free(bytes);
		at += 3 + n;
	}
	return 0;
}
