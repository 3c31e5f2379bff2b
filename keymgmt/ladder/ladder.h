// SPDX-License-Identifier: GPL-3.0-or-later
// The three-level key ladder, as the head-end and as the chip see it, and the chip's challenge.
//
//   terminal    K2 = D(K3, EK2)    K1 = D(K2, EK1)    CW  = D(K1, ECW)
//   head-end    EK2 = E(K3, K2)    EK1 = E(K2, K1)    ECW = E(K1, CW)
//   challenge   A = D(K2, K2)      DA_nonce = D(A, nonce)
//
// Each function is one step; it keys its cipher, leaves no key behind and knows no state. For many values under one
// key see ladder/cipher.h.
//
// Refs: ITU-T J.1027 clause 6.2.1; docs/ecm.md.
// Threads: any; pure functions. Owns: nothing; all pointers are BORROWED.
// Errors: -EINVAL for a key that km_suite_key_ok() refuses or a length that is no CW's; -ENOMEM, -EIO of the cipher.
//         Nothing is written then.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ladder/suite.h"

// D and E: 16 bytes under 16 bytes of key, block by block. `out` may be `in` or `key`.
int km_ladder_open(enum km_suite suite, uint8_t *out, const uint8_t *key, const uint8_t *in);
int km_ladder_seal(enum km_suite suite, uint8_t *out, const uint8_t *key, const uint8_t *in);

// Down two levels: K1 (16 bytes) from K3, EK2 and EK1. A K2 that is no good key is refused too.
int km_ladder_service_key(enum km_suite suite, uint8_t *k1, const uint8_t *k3, const uint8_t *ek2, const uint8_t *ek1);

// ECW = E(K1, CW) for a CW of 8 or 16 bytes. Writes and returns km_suite_ecw_bytes().
int km_ladder_seal_cw(enum km_suite suite, uint8_t *ecw, const uint8_t *k1, const uint8_t *cw, size_t cw_bytes);

// CW = D(K1, ECW), its first `cw_bytes`: of a block of 16 whose CW has 8 the rest is dropped, as the chip does.
int km_ladder_open_cw(enum km_suite suite, uint8_t *cw, size_t cw_bytes, const uint8_t *k1, const uint8_t *ecw);

// DA_nonce, 16 bytes, for a nonce of 16 bytes.
int km_ladder_challenge(enum km_suite suite, uint8_t *da_nonce, const uint8_t *k2, const uint8_t *nonce);
