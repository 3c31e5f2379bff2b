// SPDX-License-Identifier: GPL-3.0-or-later
// Control words of scrambling groups, one crypto-period after the other: the receiver's stand-in for ECMs.
//
// A file of mode 0600, one statement a line, '#' begins a comment:
//   group NAME period_ms 2000 [repeat]
//   cp 0 even 0011223344556677
//   cp 1 odd 8899aabbccddeeff
// NAME is 1..31 of A-Z a-z 0-9 _ . -; cp numbers follow one another modulo 65536, even ones have even parity; a CW has
// 16 or 32 hexadecimal digits, one length per group; period_ms is 1000..3600000, or 0 for a fixed key, a single cp;
// `repeat` (an even number of cps) starts over at the end.
//
// Refs: ETSI TS 103 197 (CP_number).
// Threads: one owner. Owns: the CWs, in locked pages; they are decoded from one locked buffer into the other.
// Errors: -EINVAL with every mistake in the list by file:line, never with a digit of a key; -ENOMEM; as
// base_secret_load.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <base_secret.h>

#define STB_CW_MAX_BYTES        16
#define STB_SCHEDULE_GROUPS_MAX 1024
#define STB_SCHEDULE_CPS_MAX    65536
#define STB_SCHEDULE_MAX_BYTES  (8u << 20)
#define STB_GROUP_NAME_BYTES    32

struct stb_group {
	char name[STB_GROUP_NAME_BYTES];
	uint32_t period_ms; // 0: a fixed key, told apart by parity alone
	bool repeat;
	uint8_t cw_bytes;  // 8 or 16
	uint16_t first_cp; // CP_number of index 0
	uint32_t n;        // crypto-periods
	uint32_t first;    // where its CWs begin, in CWs
};

struct stb_schedule {
	size_t n;
	struct stb_group *group; // STB_SCHEDULE_GROUPS_MAX of them, no key bytes
	struct base_secret cws;  // STB_CW_MAX_BYTES each
};

// Reads a file of mode 0600 or 0400. On an error nothing is held.
int stb_schedule_load(struct stb_schedule *schedule, const char *path, struct base_errs *errs);

// The same from memory (BORROWS `n` bytes of text); `name` stands for the file in messages.
int stb_schedule_parse(struct stb_schedule *schedule, const char *text, size_t n, const char *name,
		       struct base_errs *errs);

// A schedule of one group "fixed" with one key per parity, from hexadecimal digits (BORROWS; NULL: no such parity).
int stb_schedule_fixed(struct stb_schedule *schedule, const char *even, const char *odd, struct base_errs *errs);

void stb_schedule_free(struct stb_schedule *schedule);

// The group of this name, BORROWED, or NULL.
const struct stb_group *stb_schedule_find(const struct stb_schedule *schedule, const char *name);

// The CW of crypto-period `index` (< group->n): group->cw_bytes of them, BORROWED from the locked pages.
const uint8_t *stb_schedule_cw(const struct stb_schedule *schedule, const struct stb_group *group, uint32_t index);

// transport_scrambling_control of a crypto-period: TS_TSC_EVEN or TS_TSC_ODD.
unsigned stb_group_parity(const struct stb_group *group, uint32_t index);

// The crypto-period after and before *index; false when there is none.
bool stb_group_next(const struct stb_group *group, uint32_t *index);
bool stb_group_previous(const struct stb_group *group, uint32_t *index);
