// SPDX-License-Identifier: GPL-3.0-or-later
// Scrambling of transport packet payloads: one table of operations per algorithm and implementation.
//
// clang-format off
// | name      | algorithm  | block bytes | CW bytes | lanes | ISA              | constant time         |
// | libdvbcsa | CSA1, CSA2 | 8           | 8        | 512   | as it was built  | no, S-boxes by table  |
// | ipsec-mb  | CISSA      | 16          | 16       | 512   | AES-NI..VAES-512 | yes                   |
// clang-format on
// libdvbcsa takes one key a batch, so lanes are gathered by key inside.
//
// A lane names source and destination apart, because the cipher's store is the copy into the output slot. What is
// forgotten is never written: a lane that was not scrambled leaves its destination alone and `done` false.
//
// Refs: DVB-CSA as published with libdvbcsa; ETSI TS 103 127 (CISSA version 1).
// Threads: one scratch per worker; ops and keys are const while a worker uses them.
// Owns: scratch and keys are the caller's memory, in the key arena (arena/arena.h).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dp_algorithm { DP_CSA1, DP_CSA2, DP_CISSA, DP_ALGORITHMS };

#define DP_CW_MAX_BYTES 16
// Most lanes of one scramble call.
#define DP_CIPHER_LANES_MAX 512

struct dp_lane {
	const uint8_t *src; // payload as it came; up to 192 bytes from here may be read
	uint8_t *dst;       // its place in the output slot; exactly `n` bytes are written
	const void *key;    // made by set_key of the same ops
	uint8_t n;          // payload bytes, 0..184
	bool done;          // set by scramble when all `n` bytes at dst are final
};

struct dp_cipher_ops {
	const char *name;
	const char *isa;
	unsigned lanes;       // packets of a full batch
	unsigned block_bytes; // shorter payloads stay as they are
	unsigned cw_bytes;
	size_t key_bytes;     // of one key record
	size_t scratch_bytes; // of one worker's scratch

	// Prepares scratch (zeroed, 64-byte aligned). 0, -ENOMEM, or -ENOTSUP on this processor.
	int (*init)(void *scratch);
	// Wipes and releases what init took; scratch may be zeroed memory that was never initialised.
	void (*fini)(void *scratch);
	// Makes a key record from a control word of cw_bytes.
	void (*set_key)(void *scratch, void *key, const uint8_t *cw);
	// Scramble or descramble lanes with a key each, in any mix. n is 0..DP_CIPHER_LANES_MAX.
	void (*scramble)(void *scratch, struct dp_lane *lanes, unsigned n);
	void (*descramble)(void *scratch, struct dp_lane *lanes, unsigned n);
};

extern const struct dp_cipher_ops dp_cipher_libdvbcsa_csa1, dp_cipher_libdvbcsa_csa2, dp_cipher_ipsecmb_cissa;

// Names of the algorithms as in the configuration: "csa1", "csa2", "cissa".
extern const char *const dp_algorithm_name[DP_ALGORITHMS];

// scrambling_mode of the scrambling_descriptor (ETSI EN 300 468).
uint8_t dp_algorithm_scrambling_mode(enum dp_algorithm algorithm);

// The implementation in use for an algorithm.
const struct dp_cipher_ops *dp_cipher_select(enum dp_algorithm algorithm);

// Bytes of a payload of `n` that the algorithm changes, counted from its start: 0 when it is too short.
static inline unsigned dp_cipher_covers(const struct dp_cipher_ops *ops, unsigned n)
{
	if (n < ops->block_bytes)
		return 0;
	return ops->block_bytes == 16 ? n & ~15u : n;
}

// Known answers: scrambles and descrambles published payloads, alone and in a full batch, and compares.
// `scratch` is initialised; `key` has room for key_bytes. 0, or -EBADMSG when an answer is wrong.
int dp_cipher_selftest(enum dp_algorithm algorithm, const struct dp_cipher_ops *ops, void *scratch, void *key);
