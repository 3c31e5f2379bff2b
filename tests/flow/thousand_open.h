// SPDX-License-Identifier: GPL-3.0-or-later
// Scrambled payloads opened by the libraries alone: DVB-CSA2 by libdvbcsa, DVB-CISSA by OpenSSL.
//
// Refs: ETSI TS 100 289 (CSA); ETSI TS 103 127 (CISSA version 1: AES-128-CBC, the residue stays clear).
// Threads: one owner. Owns: thousand_open_new GIVES what thousand_open_free returns.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { THOUSAND_CW_MAX_BYTES = 16 };

struct thousand_open;

// For one control word: 8 bytes for CSA2, 16 for CISSA. NULL when a library refuses.
struct thousand_open *thousand_open_new(bool cissa, const uint8_t *cw);
void thousand_open_free(struct thousand_open *open);

// Opens `n` bytes in place. False when a library refuses.
bool thousand_open_payload(struct thousand_open *open, uint8_t *payload, size_t n);
