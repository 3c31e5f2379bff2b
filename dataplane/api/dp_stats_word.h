// SPDX-License-Identifier: GPL-3.0-or-later
// A word of the statistics: aligned, of 64 bits, with one writer and readers in other threads.
//
// Threads: dp_count and dp_count_set the writer's; dp_counted anybody's. Owns: nothing. Errors: none.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Adds to a word. It has one writer, so this needs no locked instruction: load, add and store are plain ones.
static inline void dp_count(uint64_t *word, uint64_t more)
{
	__atomic_store_n(word, __atomic_load_n(word, __ATOMIC_RELAXED) + more, __ATOMIC_RELAXED);
}

// Gives a word a new value.
static inline void dp_count_set(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

// Reads a word that another thread may be writing.
static inline uint64_t dp_counted(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

// Reads a whole struct of words, each as dp_counted does. `bytes` is its size.
static inline void dp_counted_all(void *to, const void *from, size_t bytes)
{
	for (size_t i = 0; i < bytes / sizeof(uint64_t); i++)
		((uint64_t *)to)[i] = dp_counted((const uint64_t *)from + i);
}
