// SPDX-License-Identifier: GPL-3.0-or-later
// Searching this process's whole writable memory for a key, without the search itself keeping a copy of it.
//
// The key is a formula, evaluated byte by byte; the memory is read through /proc/self/mem into a window of its own
// that the search leaves out.
#pragma once

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <base_secret.h>

#define MEMORY_KEY_BYTES 16

#define MEMORY_WINDOW_BYTES ((size_t)1 << 20)
// A mapping this large is address space that a sanitizer reserved for its shadow, which holds no program data.
#define MEMORY_SHADOW_BYTES ((uint64_t)1 << 32)

// Byte `i` of the key. Volatile and not inlined: no constant and no vector register ever holds the key.
static __attribute__((noinline)) uint8_t memory_key_byte(unsigned i)
{
	static volatile unsigned seed = 0x9d;

	return (uint8_t)((seed + i * 0x35) ^ (i * i + 0x61));
}

static inline void memory_key_make(uint8_t *out)
{
	for (unsigned i = 0; i < MEMORY_KEY_BYTES; i++)
		((volatile uint8_t *)out)[i] = memory_key_byte(i);
}

static inline bool memory_key_at(const uint8_t *p)
{
	for (unsigned i = 0; i < MEMORY_KEY_BYTES; i++)
		if (p[i] != memory_key_byte(i))
			return false;
	return true;
}

static inline size_t memory_count_window(const uint8_t *window, size_t n)
{
	size_t found = 0, at = 0;

	while (n >= MEMORY_KEY_BYTES && at <= n - MEMORY_KEY_BYTES) {
		const uint8_t *p = memchr(window + at, memory_key_byte(0), n - MEMORY_KEY_BYTES - at + 1);

		if (!p)
			break;
		found += memory_key_at(p);
		at = (size_t)(p - window) + 1;
	}
	return found;
}

// Windows overlap by a key less one byte, so that each place is seen whole once.
static inline size_t memory_count_range(int fd, uint8_t *window, uint64_t from, uint64_t to)
{
	size_t found = 0;

	while (to - from >= MEMORY_KEY_BYTES) {
		size_t want = to - from < MEMORY_WINDOW_BYTES ? (size_t)(to - from) : MEMORY_WINDOW_BYTES;
		ssize_t got = pread(fd, window, want, (off_t)from);

		if (got < MEMORY_KEY_BYTES)
			break;
		found += memory_count_window(window, (size_t)got);
		from += (size_t)got - (MEMORY_KEY_BYTES - 1);
	}
	return found;
}

// How often the key lies in memory now; SIZE_MAX when the search could not be made.
static inline size_t memory_count(void)
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
		if (perms[0] != 'r' || perms[1] != 'w' || from == (uintptr_t)window || to - from >= MEMORY_SHADOW_BYTES)
			continue;
		found += memory_count_range(fd, window, from, to);
	}
	close(fd);
	fclose(maps);
	base_secret_scrub(window, MEMORY_WINDOW_BYTES);
	munmap(window, MEMORY_WINDOW_BYTES);
	return found;
}
