// SPDX-License-Identifier: GPL-3.0-or-later
// The control words of all scrambling groups: made here, kept while a CW_provision or a crypto-period may still need
// them, wiped after.
//
// A word belongs to one CP_number and one algorithm, and never changes once an ECM may hold it, until it is forgotten.
// So a group that is given another algorithm takes it up with the first crypto-period whose word is not made yet.
//
// Refs: ETSI TS 103 197 (CP_CW_combination); ETSI TS 100 289 (check bytes of DVB-CSA1).
// Threads: the loop's. Owns: one locked base_secret. Words are lent, not copied.
// Errors: -ENOMEM; -ENOSPC when every group is taken; -EIO when the random generator fails.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_secret.h>

#include "service/conf.h"

// Consecutive CP_numbers of a group that the store can hold; a power of two, so that CP_number may wrap.
#define CP_STORE_WORDS    16
#define CP_STORE_CW_BYTES 16

struct cp_store_group {
	bool taken;
	enum cp_algorithm algorithm; // of words to be made
	uint16_t have;               // bit i: place i is taken
	uint16_t cp[CP_STORE_WORDS];
	enum cp_algorithm of[CP_STORE_WORDS];
};

struct cp_store {
	struct base_secret words;
	struct cp_store_group *group;
	unsigned groups;
};

int cp_store_init(struct cp_store *store, unsigned groups);
void cp_store_fini(struct cp_store *store);

// Takes a group without words: its number, or -ENOSPC. Gives it back, its words wiped.
int cp_store_take(struct cp_store *store);
void cp_store_give(struct cp_store *store, unsigned group);

// Says of which algorithm the words are that are made from now on.
void cp_store_shape(struct cp_store *store, unsigned group, enum cp_algorithm algorithm);

// The word of a crypto-period (BORROWED until it is forgotten), or NULL.
const uint8_t *cp_store_get(const struct cp_store *store, unsigned group, uint16_t cp);

// The algorithm of a word that is there.
enum cp_algorithm cp_store_algorithm(const struct cp_store *store, unsigned group, uint16_t cp);

// How many words of the length of that of `cp` stand from it on, up to `most`; `cp` has one.
unsigned cp_store_alike(const struct cp_store *store, unsigned group, uint16_t cp, unsigned most);

// Makes the word from the random generator unless it is there. 1 when it was made, 0 when it was there.
int cp_store_make(struct cp_store *store, unsigned group, uint16_t cp);

// Takes the word that the dataplane holds (BORROWED). True when another one stood here in its place. One that stands
// here already keeps its algorithm: the dataplane knows that of the crypto-period on air, and not of one promised.
bool cp_store_put(struct cp_store *store, unsigned group, uint16_t cp, enum cp_algorithm algorithm, const uint8_t *cw);

// Wipes the words of all crypto-periods before `cp`, or all of the group.
void cp_store_forget_before(struct cp_store *store, unsigned group, uint16_t cp);
void cp_store_forget(struct cp_store *store, unsigned group);
