// SPDX-License-Identifier: GPL-3.0-or-later
#include "arena/room.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_common.h>

// What is smaller than half a large page would waste one.
enum { LINE_BYTES = 64, LARGE_BYTES = 2 << 20, LARGE_FROM_BYTES = LARGE_BYTES / 2 };

void *dp_room_take(size_t bytes)
{
	size_t alignment = bytes >= LARGE_FROM_BYTES ? LARGE_BYTES : LINE_BYTES;
	size_t all = RTE_ALIGN(bytes, alignment);
	void *memory = aligned_alloc(alignment, all);

	if (!memory)
		return NULL;
	if (alignment == LARGE_BYTES)
		madvise(memory, all, MADV_HUGEPAGE); // a wish: small pages do too
	return memset(memory, 0, all);
}
