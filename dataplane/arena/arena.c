// SPDX-License-Identifier: GPL-3.0-or-later
#include "arena/arena.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <base_check.h>
#include <base_secret.h>

int dp_arena_init(struct dp_arena *arena, size_t size_bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (size_bytes > SIZE_MAX - 3 * page)
		return -ENOMEM;
	size_t inner = (size_bytes + page - 1) / page * page;
	uint8_t *map = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return -ENOMEM;
	if (mprotect(map + page, inner, PROT_READ | PROT_WRITE) || mlock(map + page, inner) ||
	    madvise(map + page, inner, MADV_DONTDUMP) || madvise(map + page, inner, MADV_DONTFORK)) {
		munmap(map, inner + 2 * page);
		return -ENOMEM;
	}
	*arena = (struct dp_arena){.bytes = map + page, .size_bytes = inner};
	return 0;
}

void dp_arena_fini(struct dp_arena *arena)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!arena->bytes)
		return;
	base_secret_scrub(arena->bytes, arena->size_bytes);
	munmap(arena->bytes - page, arena->size_bytes + 2 * page);
	*arena = (struct dp_arena){0};
}

void *dp_arena_take(struct dp_arena *arena, size_t n)
{
	size_t cost = dp_arena_cost(n);

	CHECK(n > 0);
	if (cost > arena->size_bytes - arena->used_bytes)
		return NULL;
	void *taken = arena->bytes + arena->used_bytes;

	arena->used_bytes += cost;
	return taken;
}

int dp_arena_shield(const void *object, size_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = (uintptr_t)object & ~(page - 1), end = ((uintptr_t)object + n + page - 1) & ~(page - 1);

	if (mlock((void *)start, end - start) || madvise((void *)start, end - start, MADV_DONTDUMP))
		return -ENOMEM;
	return 0;
}
