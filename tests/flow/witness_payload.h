// SPDX-License-Identifier: GPL-3.0-or-later
// What a scrambled payload must be, by the libraries alone: what is made of AES and SM4 by OpenSSL, DVB-CSA by
// libdvbcsa, one packet at a time.
//
// Refs: ETSI TS 103 127 (CISSA version 1: AES-128-CBC, the chain starts anew in each packet, the residue stays clear);
//       docs/dataplane-config.md (SM4-CBC: the same with SM4 and an IV of zeros);
//       ETSI TS 100 289 and ETR 289 (CSA1: bytes 3 and 7 of a control word are sums of the three before them).
// Threads: any. Errors: -EIO when a library refuses.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WITNESS_CW_MAX_BYTES 16

enum witness_algorithm { WITNESS_CSA1, WITNESS_CSA2, WITNESS_CISSA, WITNESS_SM4_CBC, WITNESS_ALGORITHMS };

extern const char *const witness_algorithm_name[WITNESS_ALGORITHMS];

// Bytes of a control word.
size_t witness_cw_bytes(enum witness_algorithm algorithm);

// Scrambles `n` bytes (0..184) from `clear` (BORROWED) to `out`. 0 or -EIO.
int witness_payload_scramble(enum witness_algorithm algorithm, const uint8_t *cw, const uint8_t *clear, size_t n,
			     uint8_t *out);
