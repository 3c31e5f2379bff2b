// SPDX-License-Identifier: GPL-3.0-or-later
// A suite's cipher and MAC, keyed once and used often.
//
// An open one holds the key's schedule in OpenSSL's memory, which OpenSSL wipes when it is closed. Opening and running
// leave parts of keys and data on the stack: base_secret_scrub_stack() is for whoever ends a piece of work.
//
// Refs: SP 800-38B (CMAC); GB/T 32907 (SM4).
// Threads: one owner each. Owns: an OpenSSL context; open GIVES, close takes back.
// Errors: -ENOMEM when OpenSSL makes no context, -EIO when it fails on a good one (then its output means nothing).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ladder/suite.h"

struct evp_cipher_ctx_st; // OpenSSL's EVP_CIPHER_CTX and EVP_MAC_CTX
struct evp_mac_ctx_st;

enum km_direction { KM_OPEN, KM_SEAL }; // D and E

// Every block alone: ECB without padding.
struct km_cipher {
	struct evp_cipher_ctx_st *ctx; // NULL: closed
};

// Keys a cipher with KM_KEY_BYTES (BORROWED).
int km_cipher_open(struct km_cipher *cipher, enum km_suite suite, const uint8_t *key, enum km_direction direction);

// `n` bytes, a whole number of blocks and at most 1024, from `in` to `out` (BORROWED), which may be the same.
int km_cipher_run(struct km_cipher *cipher, uint8_t *out, const uint8_t *in, size_t n);

// Wipes. One that is all zero is left alone.
void km_cipher_close(struct km_cipher *cipher);

// CMAC, as long as a block of the suite.
struct km_mac {
	struct evp_mac_ctx_st *ctx; // NULL: closed
};

int km_mac_open(struct km_mac *mac, enum km_suite suite, const uint8_t *key);

// The first `bytes` (at most a block) of the CMAC over `n` bytes at `in` go to `out`.
int km_mac_run(struct km_mac *mac, uint8_t *out, size_t bytes, const uint8_t *in, size_t n);

void km_mac_close(struct km_mac *mac);
