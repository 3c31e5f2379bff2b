// SPDX-License-Identifier: GPL-3.0-or-later
// The access conditions of an ECM: type (1), length (1), value.
//
// Refs: docs/ecm.md, "Conditions".
// Threads: any; a pure function. Owns: nothing.
// Errors: -EINVAL.
#pragma once

#include <stddef.h>
#include <stdint.h>

// 0 when the `n` bytes at `tlv` (BORROWED) are whole conditions of known types, each as long as its type wants.
int km_conditions_check(const uint8_t *tlv, size_t n);
