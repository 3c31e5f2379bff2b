// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the key files of a laboratory: vault.keys and the terminal.keys that fits, with fresh random keys.
//
// Refs: docs/ecm.md, "Key files of a laboratory".
// Threads: one. Owns: nothing.
// Secrets: keys and the text of the files exist in base_secret alone and go straight from there to the kernel.
// Errors: told in `errs` with the path; -EEXIST when one of the files is there, -ENOMEM, -EIO of the random source or
//         the cipher, -errno of mkdir, open, write.
#pragma once

#include <stdint.h>

#include <base_err.h>

#include "ladder/suite.h"

struct km_laboratory {
	enum km_suite suite;
	uint16_t ca_subsystem_id;
	unsigned service_keys; // 1 to KM_MSG_SERVICE_KEYS_MAX; their ids are 1, 2, ...
};

// Makes `dir` (mode 0700) when it is not there, and both files in it (mode 0600), or neither.
int km_laboratory_make(const struct km_laboratory *laboratory, const char *dir, struct base_errs *errs);
