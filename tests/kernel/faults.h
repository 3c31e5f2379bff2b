// SPDX-License-Identifier: GPL-3.0-or-later
// Broken kernels: a good one with one fault each, such as SIMD kernels have had.
//
// Threads: one fault at a time per process.
#pragma once

#include "cipher/cipher.h"

// The number of faults, and the name of each.
extern const unsigned faults_count;
const char *faults_name(unsigned fault);

// `ops` as they are but for the fault; good until the next call.
const struct dp_cipher_ops *faults_put(unsigned fault, const struct dp_cipher_ops *ops);
