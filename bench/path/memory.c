// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>

// A line of /proc/self/status, in bytes.
static uint64_t status(const char *key)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long long kib = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0)
			sscanf(line + strlen(key), ": %llu", &kib);
	if (file)
		fclose(file);
	return kib << 10;
}

uint64_t bench_memory_rss(void)
{
	return status("VmRSS");
}

uint64_t bench_memory_used(void)
{
	struct mallinfo2 heap = mallinfo2();
	struct rte_malloc_socket_stats eal = {0};

	rte_malloc_get_socket_stats(0, &eal);
	return heap.uordblks + heap.hblkhd + eal.heap_allocsz_bytes + status("VmLck");
}
