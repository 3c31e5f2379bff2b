// SPDX-License-Identifier: GPL-3.0-or-later
// The cipher suites of the key ladder and of the ECM's MAC.
//
//   suite   word   cipher of ladder and MAC        block   key
//   1       tdes   two-key TDES (EDE, Ka then Kb)      8    16
//   2       aes    AES-128                            16    16
//   3       sm4    SM4                                16    16
//
// Refs: docs/ecm.md; ITU-T J.1027 clause 6.2.1; SP 800-67 (weak keys of DES).
// Threads: any; pure functions. Owns: nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum km_suite { KM_SUITE_NONE, KM_SUITE_TDES, KM_SUITE_AES, KM_SUITE_SM4 };

enum { KM_KEY_BYTES = 16, KM_BLOCK_MAX_BYTES = 16 };

// The suite of a word of `n` characters (BORROWED, no zero needed), or KM_SUITE_NONE.
enum km_suite km_suite_find(const char *word, size_t n);

// The word of a suite.
const char *km_suite_word(enum km_suite suite);

// 8 or 16.
unsigned km_suite_block_bytes(enum km_suite suite);

// How many bytes E(K1, CW) has for a CW of 8 or 16 bytes: with blocks of 16 always 16.
unsigned km_suite_ecw_bytes(enum km_suite suite, unsigned cw_bytes);

// False for a TDES key whose halves are the same, which is single DES, or of which a half is a weak or semi-weak DES
// key; parity bits do not count. Any key is good for the others. BORROWS KM_KEY_BYTES.
bool km_suite_key_ok(enum km_suite suite, const uint8_t *key);
