// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of kernel-test.
//
// Threads: one. Owns: nothing; strings are argv's.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cipher/cipher.h"
#include "cipher/cpu.h"

struct options {
	uint64_t seed;
	uint32_t features;     // of this machine, less --without
	const char *algorithm; // NULL: all; so are the next
	const char *implementation;
	const char *isa;
	const char *test;
	bool brief;
	bool list;
};

// 0; 1 when help was asked for and printed; -EINVAL when what is wrong was printed.
int options_parse(struct options *options, int argc, char **argv);

// Whether an implementation is asked for.
bool options_want(const struct options *options, const struct dp_cipher_ops *ops);
