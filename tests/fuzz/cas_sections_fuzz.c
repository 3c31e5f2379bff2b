// SPDX-License-Identifier: GPL-3.0-or-later
// EMM sections as an operator hands them in. What is accepted is queued, and comes out as it went in.
#include <errno.h>

#include <fuzz.h>

#include "emmg/queue.h"
#include "emmg/sections.h"

static void check_queue(const uint8_t *bytes, size_t size, size_t count)
{
	struct cas_queue queue;
	const uint8_t *section;
	size_t at = 0, n;

	cas_queue_init(&queue);
	FUZZ_ASSERT(cas_queue_add(&queue, bytes, size, count) == 0);
	while ((section = cas_queue_first(&queue, &n))) {
		FUZZ_ASSERT(n > 3 && n <= 4096 && size - at >= n && fuzz_same(section, n, bytes + at, n));
		FUZZ_ASSERT(section[0] >= 0x82 && section[0] <= 0x8F);
		at += n;
		cas_queue_pop(&queue);
	}
	FUZZ_ASSERT(at == size && queue.sections == 0 && queue.bytes == 0);
	cas_queue_fini(&queue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = fuzz_exact(data, size);
	char why[BASE_ERR_TEXT_BYTES] = "";

	int count = cas_sections_check(bytes, size, why);

	FUZZ_ASSERT(count > 0 || (count == -EINVAL && why[0]));
	if (count > 0 && size <= CAS_QUEUE_BYTES_MAX)
		check_queue(bytes, size, (size_t)count);
	free(bytes);
	return 0;
}
