// SPDX-License-Identifier: GPL-3.0-or-later
// CRC_32 of PSI sections: polynomial 0x04C11DB7, initial value all ones, no reflection.
//
// Refs: ISO/IEC 13818-1 annex A. Threads: any; pure. Errors: none.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Over `n` bytes (BORROWS); over a whole section with its CRC_32 field the result is 0.
uint32_t ts_crc32(const uint8_t *bytes, size_t n);
