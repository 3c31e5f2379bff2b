// SPDX-License-Identifier: GPL-3.0-or-later
// EMM sections as an operator hands them in: one after the other, nothing between them.
//
// Refs: ETSI ETR 289 clause 4.2 (table_id 0x82 to 0x8F); ISO/IEC 13818-1 clause 2.4.4.11 (at most 4096 bytes).
// Threads: any; pure. Owns: nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <base_err.h>

// Checks `n` bytes (BORROWED). The number of sections, at least 1; or -EINVAL with the first mistake, and where it is,
// in `why`.
int cas_sections_check(const uint8_t *bytes, size_t n, char why[BASE_ERR_TEXT_BYTES]);
