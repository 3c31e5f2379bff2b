// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes on the wire: big-endian loads and stores, and hexadecimal text.
//
// Threads: any; pure functions.
// Errors: -EINVAL for text that is not hexadecimal, -ENOSPC when the result does not fit.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Big-endian load of 2, 3, 4, 8 bytes from `p` (BORROWS, any alignment).
static inline uint16_t base_bytes_get16(const uint8_t *p)
{
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t base_bytes_get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t base_bytes_get32(const uint8_t *p)
{
	return (uint32_t)base_bytes_get16(p) << 16 | base_bytes_get16(p + 2);
}

static inline uint64_t base_bytes_get64(const uint8_t *p)
{
	return (uint64_t)base_bytes_get32(p) << 32 | base_bytes_get32(p + 4);
}

// Big-endian store of the low 16, 24, 32 bits of `v` to `p`.
static inline void base_bytes_put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void base_bytes_put24(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 16);
	base_bytes_put16(p + 1, v);
}

static inline void base_bytes_put32(uint8_t *p, uint32_t v)
{
	base_bytes_put16(p, v >> 16);
	base_bytes_put16(p + 2, v);
}

// Decodes `digits` hexadecimal digits (either case, an even number) into at most `capacity` bytes at `out`.
// Returns the number of bytes, -EINVAL or -ENOSPC; on an error `out` is not written past what was decoded.
// Does not look at memory past the digits and keeps no copy: usable on secrets.
int base_bytes_from_hex(uint8_t *out, size_t capacity, const char *text, size_t digits);

// Writes 2 * `n` lower-case digits and a zero to `out`. Returns 2 * n, or -ENOSPC when capacity < 2 * n + 1.
int base_bytes_to_hex(char *out, size_t capacity, const uint8_t *bytes, size_t n);
