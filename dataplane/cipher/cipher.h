// SPDX-License-Identifier: GPL-3.0-or-later
// Scrambling of transport packet payloads: one table of operations per algorithm and implementation.
//
// Every lane names its own key, length (0..184), source and destination. The cipher's store is the copy into the output
// slot. What is forgotten is never written: a lane that was not scrambled leaves its destination alone and `done`
// false. Bytes that the algorithm does not change (algorithm.h) are copied.
//
// clang-format off
// | ops                | algorithms                     | key bytes | lanes | needs                      | constant time                |
// | csa_avx512_gfni    | csa1, csa2                     | 128       | 512   | AVX-512, VBMI, GFNI        | yes, S-box by permutes       |
// | csa_avx512         |                                |           | 512   | AVX-512 (F BW DQ VL)       | yes, S-box by permutes       |
// | csa_avx2           |                                |           | 256   | AVX2                       | yes, S-box by shuffles       |
// | csa_portable       |                                |           | 128   |                            | no, block S-box by table     |
// | aes_vaes512        | cissa, idsa, aes-cbc, aes-ecb  | 192       | 512   | AVX-512, VAES              | yes                          |
// | aes_vaes256        |                                |           | 512   | AVX2, VAES                 | yes                          |
// | aes_aesni          |                                |           | 512   | AES-NI                     | yes                          |
// | aes_portable       |                                |           | 64    |                            | yes, bit-sliced              |
// | sm4_avx512_gfni    | sm4-cbc                        | 128       | 128   | AVX-512, GFNI              | yes                          |
// | sm4_avx2           |                                |           | 64    | AVX2, AES-NI               | yes                          |
// | sm4_portable       |                                |           | 32    |                            | yes, bit-sliced              |
// | *_reference        | all                            | as above  |       |                            | no, S-boxes by table         |
// | csa_libdvbcsa      | csa1, csa2                     | 8         | 512   | the library                | no, S-boxes by table         |
// | aes_ipsecmb        | cissa                          | 352       | 512   | the library, AES-NI        | yes                          |
// clang-format on
// Key set-up is constant time where scrambling is, but for CSA, whose bit permutation is looked up in tables.
//
// Which one is in use is chosen once, before READY (choice/choice.h).
//
// Threads: one scratch per worker; ops and keys are const while a worker uses them.
// Owns: scratch and keys are the caller's memory, in the key arena (arena/arena.h). A call leaves no key material on
// the stack and none of transposed keys or key planes in scratch.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cipher/algorithm.h"

#define DP_CW_MAX_BYTES 16
// Most lanes of one scramble call, whatever the implementation.
#define DP_CIPHER_LANES_MAX 512
// Longest payload of a lane.
#define DP_CIPHER_BYTES_MAX 184

struct dp_lane {
	const uint8_t *src; // payload as it came; up to 192 bytes from here may be read
	uint8_t *dst;       // its place in the output slot; exactly `n` bytes are written; may be src itself
	const void *key;    // made by set_key of the same ops
	uint8_t n;          // payload bytes, 0..184
	bool done;          // set by scramble when all `n` bytes at dst are final
};

struct dp_cipher_ops {
	enum dp_algorithm algorithm;
	const char *name;     // who wrote it: "bulkhead", "reference", "libdvbcsa", "ipsec-mb"
	const char *isa;      // "portable", "avx2", ...; "library" where the library chooses
	uint32_t needs;       // enum dp_cpu, all of them
	unsigned lanes;       // packets of a full batch
	size_t key_bytes;     // of one key record, which is aligned to 64
	size_t scratch_bytes; // of one worker's scratch

	// Prepares scratch (zeroed, 64-byte aligned). 0, -ENOMEM, or -ENOTSUP on this processor.
	int (*init)(void *scratch);
	// Wipes and releases what init took; scratch may be zeroed memory that was never initialised.
	void (*fini)(void *scratch);
	// Makes a key record from a control word of the algorithm's cw_bytes; called through dp_cipher_set_key only.
	void (*set_key)(void *scratch, void *key, const uint8_t *cw);
	// Scramble or descramble lanes with a key each, in any mix; called through dp_cipher_scramble only. n is
	// 1..DP_CIPHER_LANES_MAX, also where that is more than `lanes`.
	void (*scramble)(void *scratch, struct dp_lane *lanes, unsigned n);
	void (*descramble)(void *scratch, struct dp_lane *lanes, unsigned n);
};

// The ops tables of each implementation, in the order of enum dp_algorithm within its family.
extern const struct dp_cipher_ops dp_csa_reference[2]; // CSA1, CSA2
extern const struct dp_cipher_ops dp_csa_portable[2];
extern const struct dp_cipher_ops dp_csa_avx2[2];
extern const struct dp_cipher_ops dp_csa_avx512[2];
extern const struct dp_cipher_ops dp_csa_avx512_gfni[2];
extern const struct dp_cipher_ops dp_csa_libdvbcsa[2]; // CSA1, CSA2
extern const struct dp_cipher_ops dp_aes_ipsecmb[1];   // CISSA
extern const struct dp_cipher_ops dp_aes_reference[4]; // CISSA, IDSA, AES-CBC, AES-ECB; so are the next
extern const struct dp_cipher_ops dp_aes_portable[4];
extern const struct dp_cipher_ops dp_aes_aesni[4];
extern const struct dp_cipher_ops dp_aes_vaes256[4];
extern const struct dp_cipher_ops dp_aes_vaes512[4];
extern const struct dp_cipher_ops dp_sm4_reference[1]; // SM4-CBC
extern const struct dp_cipher_ops dp_sm4_portable[1];
extern const struct dp_cipher_ops dp_sm4_avx2[1];
extern const struct dp_cipher_ops dp_sm4_avx512_gfni[1];

enum { DP_CIPHER_IMPLEMENTATIONS_MAX = 8 };

// All implementations of an algorithm in this build, best first; those that this processor cannot run among them.
// Ends with NULL.
const struct dp_cipher_ops *const *dp_cipher_list(enum dp_algorithm algorithm);

// Makes a key record by the ops' set_key and scrubs the stack it used.
void dp_cipher_set_key(const struct dp_cipher_ops *ops, void *scratch, void *key, const uint8_t *cw);

// The edge: CHECKs that n is 1..DP_CIPHER_LANES_MAX and that every lane has a key and at most DP_CIPHER_BYTES_MAX
// bytes; then runs the kernel and scrubs the stack it used.
void dp_cipher_scramble(const struct dp_cipher_ops *ops, void *scratch, struct dp_lane *lanes, unsigned n);
void dp_cipher_descramble(const struct dp_cipher_ops *ops, void *scratch, struct dp_lane *lanes, unsigned n);

// Known answers: scrambles and descrambles payloads of which the right result is known, alone and in a full batch.
// `scratch` is initialised; `key` has room for key_bytes. 0, or -EBADMSG when an answer is wrong.
int dp_cipher_selftest(const struct dp_cipher_ops *ops, void *scratch, void *key);
