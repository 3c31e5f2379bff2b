// SPDX-License-Identifier: GPL-3.0-or-later
// What every fuzz target stands on: its entry, an assertion that no build switches off, an exact copy of the input.
//
// Threads: one. Owns: nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Runs the target on one input (BORROWED). Always 0; what is wrong aborts.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_ASSERT(expression)                                                                    \
	do {                                                                                       \
		if (!(expression)) {                                                               \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #expression); \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

// GIVES a heap copy of exactly `n` bytes: reading past it is seen by the sanitizer.
static inline uint8_t *fuzz_exact(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = calloc(n > 0 ? n : 1, 1); // written whole, or gcc warns of the byte that is there for n = 0

	FUZZ_ASSERT(copy);
	if (n > 0)
		memcpy(copy, bytes, n);
	return copy;
}

// True when two runs of bytes are equal; either may be NULL when empty.
static inline int fuzz_same(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n)
{
	return a_n == b_n && (a_n == 0 || memcmp(a, b, a_n) == 0);
}
