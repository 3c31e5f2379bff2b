// SPDX-License-Identifier: GPL-3.0-or-later
// Access criteria. What is accepted is whole conditions, unchanged.
#include <errno.h>

#include <fuzz.h>

#include "ecmg/criteria.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = fuzz_exact(data, size);
	struct cas_criteria criteria = {0};
	int rc = cas_criteria_parse(&criteria, bytes, size);

	FUZZ_ASSERT(rc == 0 || rc == -EINVAL);
	if (rc == 0) {
		size_t at = 0;

		FUZZ_ASSERT(fuzz_same(criteria.tlv, criteria.tlv_n, bytes + 2, size - 2));
		while (at < criteria.tlv_n)
			at += 2 + (size_t)criteria.tlv[at + 1];
		FUZZ_ASSERT(at == criteria.tlv_n);
	}
	free(bytes);
	return 0;
}
