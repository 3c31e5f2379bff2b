// SPDX-License-Identifier: GPL-3.0-or-later
// Sections of any sizes packed into packets: an assembler gets the same ones back.
//
// Two bytes of the input are the size of one section.
#include <fuzz.h>

#include <ts_section.h>

#include "mux/inside.h"

struct sections {
	uint8_t bytes[MUX_PACK_BYTES];
	size_t n;
};

static void on_section(void *context, const uint8_t *section, size_t n)
{
	struct sections *seen = context;

	FUZZ_ASSERT(seen->n + n <= sizeof(seen->bytes));
	memcpy(seen->bytes + seen->n, section, n);
	seen->n += n;
}

static void make(struct sections *out, const uint8_t *data, size_t size)
{
	out->n = 0;
	for (size_t i = 0; i + 2 <= size; i += 2) {
		size_t n = 3 + base_bytes_get16(data + i) % (TS_SECTION_MAX_BYTES - 2);

		if (out->n + n > sizeof(out->bytes))
			return;
		memset(out->bytes + out->n, (int)i, n);
		out->bytes[out->n] = 0x82;
		base_bytes_put16(out->bytes + out->n + 1, 0x7000 | (unsigned)(n - 3));
		out->n += n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t packets[MUX_PACK_PKTS][TS_PACKET_BYTES];
	static struct ts_section_assembler assembler;
	static struct sections sent, seen;
	uint8_t cc = size > 0 ? data[0] & 15 : 0, first = cc;
	unsigned n;

	make(&sent, data, size);
	n = mux_pack(packets, sent.bytes, sent.n, &cc);
	FUZZ_ASSERT(n <= MUX_PACK_PKTS && n >= (sent.n + 183) / 184);
	FUZZ_ASSERT(((cc ^ (first + n)) & 15) == 0);
	seen.n = 0;
	ts_section_assembler_init(&assembler);
	for (unsigned i = 0; i < n; i++)
		ts_section_feed(&assembler, packets[i], on_section, &seen);
	FUZZ_ASSERT(fuzz_same(sent.bytes, sent.n, seen.bytes, seen.n));
	FUZZ_ASSERT(assembler.counts.broken == 0 && assembler.counts.discontinuities == 0);
	return 0;
}
