// SPDX-License-Identifier: GPL-3.0-or-later
// The chip's key ladder: from the root key in its OTP down to a control word, without a key ever coming out above it.
//
//   K2 = D(K3, EK2)    K1 = D(K2, EK1)    CW = D(K1, ECW)
//
// | suite | cipher of every step, in ECB | block bytes | bytes of an ECW         |
// | tdes  | two-key TDES (EDE)           | 8           | 8 or 16: the CW's       |
// | aes   | AES-128                      | 16          | 16: CW, or CW and zeros |
// | sm4   | SM4                          | 16          | 16: CW, or CW and zeros |
//
// The suite is chosen when a session opens and stays: a key that was made for one cipher is never used with another.
//
// Refs: ITU-T J.1027 clause 6.2.1; docs/ecm.md.
// Threads: one owner. Owns: its registers, in locked pages; wiped by unload and close.
// Errors: -EINVAL for a length that the suite does not have, -EACCES without a loaded key, -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_secret.h>

#define STB_KEY_BYTES     16
#define STB_ECW_MAX_BYTES 16

// Values as in an ECM.
enum stb_suite { STB_SUITE_TDES = 1, STB_SUITE_AES = 2, STB_SUITE_SM4 = 3 };

struct stb_klad {
	enum stb_suite suite;
	bool loaded;                  // K1 holds
	struct base_secret registers; // K3, K2, K1
};

// Opens a session with the root key K3 (BORROWS STB_KEY_BYTES; the caller wipes its own).
int stb_klad_open(struct stb_klad *klad, enum stb_suite suite, const uint8_t *k3);

// Brings K1 in by its two encrypted keys (BORROWS STB_KEY_BYTES each). What was loaded is replaced.
int stb_klad_load(struct stb_klad *klad, const uint8_t *ek2, const uint8_t *ek1);

// Decrypts an ECW of `n` bytes to `n` bytes at `cw`, which the caller keeps in locked memory.
int stb_klad_word(const struct stb_klad *klad, const uint8_t *ecw, size_t n, uint8_t *cw);

// Wipes K2 and K1; the session stays.
void stb_klad_unload(struct stb_klad *klad);

// Wipes everything. A session that is all zero is left alone.
void stb_klad_close(struct stb_klad *klad);

// True when an ECW of the suite may have `n` bytes.
bool stb_suite_ecw_bytes(enum stb_suite suite, size_t n);

// The suite of a name "tdes", "aes", "sm4" (BORROWS `n` bytes); -EINVAL. And its name.
int stb_suite_of_name(const char *name, size_t n);
const char *stb_suite_name(enum stb_suite suite);
