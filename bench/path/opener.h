// SPDX-License-Identifier: GPL-3.0-or-later
// Opens scrambled payloads with what others wrote: libdvbcsa for CSA2, OpenSSL for CISSA.
//
// Refs: ETSI TS 100 289; ETSI TS 103 127 clause 6 (IV and residue of CISSA).
// Threads: one owner. Owns: a key schedule of each library. Errors: -ENOMEM.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cipher/algorithm.h"

struct bench_opener {
	struct dvbcsa_key_s *csa;
	struct evp_cipher_ctx_st *aes;
};

int bench_opener_init(struct bench_opener *opener);
void bench_opener_fini(struct bench_opener *opener);

// Opens `n` bytes (at most 184) in place with a control word of the algorithm, which is DP_CSA2 or DP_CISSA.
void bench_opener_open(struct bench_opener *opener, enum dp_algorithm algorithm, const uint8_t *cw, uint8_t *payload,
		       size_t n);
