// SPDX-License-Identifier: GPL-3.0-or-later
// Between the scrambling groups of a line-up and those of a key file.
//
// Threads: main, before READY. Owns: nothing. Errors: -EINVAL with the mistakes in the list.
#pragma once

#include "lineup/lineup.h"

// Every group has its keys, of the length that its algorithm takes.
int dp_keys_check(const struct dp_conf *conf, const struct dp_keyfile *keyfile, struct base_errs *errs);

// Gives each group its keys, BORROWED from the file.
void dp_keys_find(struct dp_lineup *lineup, const struct dp_keyfile *keyfile);
