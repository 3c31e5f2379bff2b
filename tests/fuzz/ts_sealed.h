// SPDX-License-Identifier: GPL-3.0-or-later
// A section as it came, and once more with section_length and CRC_32 made right, so that the fuzzer gets past them.
//
// Threads: any. Owns: nothing.
#pragma once

#include <fuzz.h>
#include <ts_crc.h>
#include <ts_section.h>

// Takes a section in a heap copy of exactly `n` bytes, which it may change.
typedef void ts_sealed_fn(uint8_t *section, size_t n);

static inline void ts_sealed_run(const uint8_t *data, size_t size, ts_sealed_fn *fn)
{
	uint8_t *copy = fuzz_exact(data, size);

	fn(copy, size);
	free(copy);
	if (size < TS_SECTION_LONG_HEADER_BYTES + TS_SECTION_CRC_BYTES || size > TS_SECTION_MAX_BYTES)
		return;
	copy = fuzz_exact(data, size);
	base_bytes_put16(copy + 1, 0x8000 | (copy[1] & 0x70u) << 8 | (unsigned)(size - TS_SECTION_HEADER_BYTES));
	base_bytes_put32(copy + size - TS_SECTION_CRC_BYTES, ts_crc32(copy, size - TS_SECTION_CRC_BYTES));
	fn(copy, size);
	free(copy);
}
