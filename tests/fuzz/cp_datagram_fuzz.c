// SPDX-License-Identifier: GPL-3.0-or-later
// An ECM_datagram from a foreign ECMG, as a section or as packets (the first byte's lowest bit).
#include <fuzz.h>

#include <ts_section.h>

#include "scs/datagram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t out[CP_DATAGRAM_SECTION_MAX];

	if (size == 0)
		return 0;
	uint8_t *datagram = fuzz_exact(data + 1, size - 1);
	int n = cp_datagram_section(out, datagram, size - 1, data[0] & 1);

	FUZZ_ASSERT(n <= CP_DATAGRAM_SECTION_MAX && n != 1 && n != 2);
	FUZZ_ASSERT(n >= 0 || size > 1);
	if (n > 0)
		FUZZ_ASSERT(ts_section_bytes(out) == (size_t)n && (out[0] & 0xF0) == 0x80);
	free(datagram);
	return 0;
}
