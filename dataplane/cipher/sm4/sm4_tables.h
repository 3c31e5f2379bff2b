// SPDX-License-Identifier: GPL-3.0-or-later
// The constants of SM4 as the standard prints them.
//
// Refs: GB/T 32907-2016 clauses 6.2 (S-box) and 7.3 (FK, CK).
// Threads: any; const.
#pragma once

#include <stdint.h>

#include "cipher/sm4/sm4_key.h"

extern const uint8_t dp_sm4_sbox[256];
extern const uint32_t dp_sm4_fk[4];
extern const uint32_t dp_sm4_ck[DP_SM4_ROUNDS];
