// SPDX-License-Identifier: GPL-3.0-or-later
// The scrambling algorithms: what is true of them whatever the implementation.
//
// clang-format off
// | name    | mode | CW bytes | block | IV                 | changed bytes of a payload of n                             |
// | csa1    | 0x01 | 8        | 8     | 0                  | all, when n >= 8; bytes 3 and 7 of the CW are made sums     |
// | csa2    | 0x02 | 8        | 8     | 0                  | all, when n >= 8                                            |
// | cissa   | 0x10 | 16       | 16    | "DVBTMCPTAESCISSA" | whole blocks: AES-128-CBC                                   |
// | idsa    | 0x70 | 16       | 16    | 0                  | all: AES-128-CBC, residue XOR E(last block or IV)           |
// | sm4-cbc | 0x82 | 16       | 16    | 0                  | whole blocks: SM4-CBC                                       |
// | aes-cbc | 0xF0 | 16       | 16    | 0                  | whole blocks: AES-128-CBC                                   |
// | aes-ecb | 0xF2 | 16       | 16    | none               | whole blocks: AES-128, every block by itself                |
// clang-format on
// A chain starts anew in every packet.
//
// Refs: ETSI EN 300 468 (scrambling_mode); ETSI TS 100 289 (CSA); ETSI TS 103 127 (CISSA); ATIS-0800006 (IDSA). The
// modes from 0x80 on are user-private, as the field's tools number them; 0x82 is our own.
// Threads: any; const.
#pragma once

#include <stdint.h>

enum dp_algorithm { DP_CSA1, DP_CSA2, DP_CISSA, DP_IDSA, DP_AES_CBC, DP_AES_ECB, DP_SM4_CBC, DP_ALGORITHMS };

struct dp_algorithm_facts {
	const char *name; // in configuration and logs
	uint8_t scrambling_mode;
	uint8_t cw_bytes;
	uint8_t least_bytes;   // shorter payloads stay as they are
	uint8_t granule_bytes; // of longer ones the remainder by this stays as it is
};

extern const struct dp_algorithm_facts dp_algorithm[DP_ALGORITHMS];

// The algorithm of a scrambling_mode; DP_ALGORITHMS when there is none.
enum dp_algorithm dp_algorithm_of_mode(uint8_t scrambling_mode);

// Bytes of a payload of `n` that the algorithm changes, counted from its start.
static inline unsigned dp_algorithm_covers(enum dp_algorithm algorithm, unsigned n)
{
	const struct dp_algorithm_facts *facts = &dp_algorithm[algorithm];

	return n < facts->least_bytes ? 0 : n & ~(facts->granule_bytes - 1u);
}
