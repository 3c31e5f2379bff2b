// SPDX-License-Identifier: GPL-3.0-or-later
// Searching this process's whole writable memory for a key, without the search keeping a copy of it.
//
// The key is a formula evaluated byte by byte, each key of a test by its own `number`; memory is read through
// /proc/self/mem into a window that the search leaves out.
#pragma once

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMORY_WINDOW_BYTES ((size_t)1 << 20)
// A mapping this large is address space that a sanitizer reserved for its shadow, which holds no program data.
#define MEMORY_SHADOW_BYTES ((uint64_t)1 << 32)

// Byte `i` of a key. Volatile and not inlined: no constant and no vector register ever holds the key.
static __attribute__((noinline)) uint8_t memory_key_byte(unsigned number, unsigned i)
{
	static volatile unsigned seed = 0xB7;

	return (uint8_t)((seed + number * 0x4F + i * 0x2D) ^ (i * i * 7 + 0x13 * number));
}

static inline void memory_key_make(uint8_t *out, unsigned number, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		((volatile uint8_t *)out)[i] = memory_key_byte(number, i);
}

// What counts in a window; windows overlap by `overlap` bytes, so that what is one longer is seen whole once.
typedef size_t memory_count_fn(const uint8_t *window, size_t n, const void *context);

static inline size_t memory_walk_range(int fd, uint8_t *window, uint64_t from, uint64_t to, size_t overlap,
				       memory_count_fn *count, const void *context)
{
	size_t found = 0;

	while (to - from > overlap) {
		size_t want = to - from < MEMORY_WINDOW_BYTES ? (size_t)(to - from) : MEMORY_WINDOW_BYTES;
		ssize_t got = pread(fd, window, want, (off_t)from);

		if (got <= (ssize_t)overlap)
			break;
		found += count(window, (size_t)got, context);
		from += (size_t)got - overlap;
	}
	return found;
}

// Sums `count` over all of memory as it is now; SIZE_MAX when the search could not be made.
static inline size_t memory_walk(size_t overlap, memory_count_fn *count, const void *context)
{
	// Shared, so that the kernel does not merge it with a neighbour and it can be told from the rest.
	uint8_t *window = mmap(NULL, MEMORY_WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	FILE *maps = fopen("/proc/self/maps", "re");
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	size_t found = 0;
	uint64_t from, to;
	char line[600], perms[5];

	if (window == MAP_FAILED || !maps || fd < 0)
		return SIZE_MAX;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, perms) != 3)
			return SIZE_MAX;
		if (perms[0] == 'r' && perms[1] == 'w' && from != (uintptr_t)window && to - from < MEMORY_SHADOW_BYTES)
			found += memory_walk_range(fd, window, from, to, overlap, count, context);
	}
	close(fd);
	fclose(maps);
	munmap(window, MEMORY_WINDOW_BYTES);
	return found;
}

struct memory_key {
	unsigned number, bytes;
};

static inline size_t memory_count_window(const uint8_t *window, size_t n, const void *context)
{
	const struct memory_key *key = context;
	size_t found = 0, at = 0;

	while (n >= key->bytes && at <= n - key->bytes) {
		const uint8_t *p = memchr(window + at, memory_key_byte(key->number, 0), n - key->bytes - at + 1);
		unsigned i = 0;

		if (!p)
			break;
		while (i < key->bytes && p[i] == memory_key_byte(key->number, i))
			i++;
		found += i == key->bytes;
		at = (size_t)(p - window) + 1;
	}
	return found;
}

// How often the first `bytes` bytes of the key lie in memory now; SIZE_MAX when the search could not be made.
static inline size_t memory_count(unsigned number, unsigned bytes)
{
	const struct memory_key key = {.number = number, .bytes = bytes};

	return memory_walk(bytes - 1, memory_count_window, &key);
}
