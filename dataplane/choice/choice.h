// SPDX-License-Identifier: GPL-3.0-or-later
// Which implementation of each cipher runs here: chosen once, before READY, and const from then on.
//
// Without a wish the choice climbs the list of our own kernels (cipher/cipher.h), best first, to the first whose needs
// the machine meets. The operator can take features away, never add any, and can name an implementation: the reference
// and the libraries are taken in no other way. A library chooses its instructions for itself.
//
// Threads: main, before READY; const afterwards. Owns: nothing; ops are the build's.
// Errors: -EINVAL with the reasons in the list, each by the JSON pointer of the member that would change it.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <base_err.h>

#include "arena/arena.h"
#include "cipher/cipher.h"
#include "cipher/cpu.h"

// What the operator says; all zero: nothing.
struct dp_choice_wish {
	uint32_t without;                // enum dp_cpu: not to be used, nor what stands on it
	const char *name[DP_ALGORITHMS]; // implementation, as in dp_cipher_ops; NULL: our own kernels
};

struct dp_choice {
	const struct dp_cipher_ops *ops[DP_ALGORITHMS];
};

// The name of our own kernels.
extern const char dp_choice_own[];

// The first implementation of a list (ended by NULL) that has this name and runs with these features, or NULL.
const struct dp_cipher_ops *dp_choice_climb(const struct dp_cipher_ops *const *list, const char *name,
					    uint32_t features);

// The names in a list as "a, b", each once.
enum { DP_CHOICE_NAMES_BYTES = 96 };
void dp_choice_names(const struct dp_cipher_ops *const *list, char out[DP_CHOICE_NAMES_BYTES]);

// The names of features as "a, b", or "none".
void dp_choice_features(uint32_t features, char out[DP_CHOICE_NAMES_BYTES]);

// Chooses for one algorithm from a list. `features` are the machine's. NULL with the reason when nothing of it can run.
const struct dp_cipher_ops *dp_choice_one(enum dp_algorithm algorithm, const struct dp_cipher_ops *const *list,
					  uint32_t features, const struct dp_choice_wish *wish, struct base_errs *errs);

// Chooses for every algorithm of the build.
int dp_choice_make(struct dp_choice *choice, uint32_t features, const struct dp_choice_wish *wish,
		   struct base_errs *errs);

// Bytes of the largest key record of the choice: one of these holds a key of any algorithm.
size_t dp_choice_key_bytes(const struct dp_choice *choice);

// Arena bytes of one implementation's scratch and of the key record of its self-test.
size_t dp_choice_arena_bytes(const struct dp_cipher_ops *ops);

// Takes scratch from the arena, initialises it and lets it show its known answers. *scratch is set as soon as fini has
// something to undo. -ENOMEM, -ENOTSUP, or -EBADMSG when an answer is wrong.
int dp_choice_set_up(const struct dp_cipher_ops *ops, struct dp_arena *arena, void **scratch, struct base_errs *errs);

// The known answers of the whole choice, in an arena of their own that is gone afterwards.
int dp_choice_prove(const struct dp_choice *choice, struct base_errs *errs);

// Tells a person or, with `json`, a program what the machine has, which implementations there are, why one cannot run,
// and which one is chosen. 0 or -ENOMEM.
int dp_choice_show(FILE *out, const struct dp_choice *choice, uint32_t features, const struct dp_choice_wish *wish,
		   bool json);
