// SPDX-License-Identifier: GPL-3.0-or-later
// The key file: whole schedules of control words per scrambling group, for fixed keys and for laboratories.
//
//   group NAME period_ms 2000 [repeat]
//   cp 0 even 0011223344556677
//   cp 1 odd  8899aabbccddeeff
//
// It is a line format so that it is parsed where it stands, in locked memory, and no copy of a CW is made anywhere
// else. CP_numbers follow one another; even numbers have even parity. period_ms 0 is a key that never changes.
// `repeat` starts over at the end; without it the last CW is held.
//
// Refs: ETSI TS 103 197 (CP_number); docs/keys.md.
// Threads: main. Owns: the CWs, in a base_secret.
// Errors: -EINVAL with every mistake in the list, by file and line and never with key digits.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <base_secret.h>

#include "cipher/cipher.h"

#define DP_KEYFILE_GROUPS_MAX    1024
#define DP_KEYFILE_CPS_MAX       65536
#define DP_KEYFILE_NAME_BYTES    32
#define DP_KEYFILE_MAX_BYTES     (8 << 20)
#define DP_KEYFILE_PERIOD_MIN_MS 1000
#define DP_KEYFILE_PERIOD_MAX_MS 3600000

struct dp_keyfile_group {
	char name[DP_KEYFILE_NAME_BYTES];
	uint32_t period_ms; // 0: one fixed key
	bool repeat;
	uint8_t cw_bytes; // 8 or 16
	uint16_t first_cp_number;
	uint32_t cps;      // how many
	uint32_t first_cw; // position of the first CW, in CWs
	unsigned line;     // where the group starts
};

struct dp_keyfile {
	size_t groups;
	struct dp_keyfile_group *group; // heap; holds no key bytes
	struct base_secret cws;         // DP_CW_MAX_BYTES each
};

// Reads a file of mode 0600 or 0400. 0 or -errno with the reasons in `errs`; then nothing is held.
int dp_keyfile_load(struct dp_keyfile *keyfile, const char *path, struct base_errs *errs);

// The same from memory (BORROWED), for load and for the fuzzer.
int dp_keyfile_parse(struct dp_keyfile *keyfile, const char *text, size_t n, const char *name, struct base_errs *errs);

void dp_keyfile_free(struct dp_keyfile *keyfile);

// The group of this name, or NULL.
const struct dp_keyfile_group *dp_keyfile_find(const struct dp_keyfile *keyfile, const char *name);

// The CW of the `index`th crypto-period of a group (index < cps), BORROWED from the secret.
const uint8_t *dp_keyfile_cw(const struct dp_keyfile *keyfile, const struct dp_keyfile_group *group, uint64_t index);
