// SPDX-License-Identifier: GPL-3.0-or-later
// Descramblers, one packet payload at a time: a table of operations per algorithm.
//
// | name    | algorithm                          | CW bytes | by                        | constant time |
// | csa1    | DVB-CSA, CW of 48 bits             | 8        | libdvbcsa, single packets | no            |
// | csa2    | DVB-CSA, CW of 64 bits             | 8        | libdvbcsa, single packets | no            |
// | cissa   | AES-128-CBC, fixed IV              | 16       | OpenSSL EVP               | with AES-NI   |
// | idsa    | AES-128-CBC, IV 0, residue covered | 16       | OpenSSL EVP               | with AES-NI   |
// | aes-cbc | AES-128-CBC, IV 0                  | 16       | OpenSSL EVP               | with AES-NI   |
// | aes-ecb | AES-128-ECB                        | 16       | OpenSSL EVP               | with AES-NI   |
// | sm4-cbc | SM4-CBC, IV 0                      | 16       | OpenSSL EVP               | no            |
//
// Refs: ETSI TS 100 289 and EN 300 468 (scrambling_mode); ETSI TS 103 127 (CISSA version 1); ATIS-0800006 (IDSA).
// Threads: one owner per key. Owns: new GIVES a key, free takes it back and wipes it.
// Errors: new returns NULL without memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum stb_algorithm {
	STB_ALGORITHM_AUTO,
	STB_CSA1,
	STB_CSA2,
	STB_CISSA,
	STB_IDSA,
	STB_AES_CBC,
	STB_AES_ECB,
	STB_SM4_CBC,
	STB_ALGORITHMS
};

struct stb_cipher {
	const char *name;
	size_t cw_bytes;
	size_t block_bytes; // a shorter payload stays as it is
	void *(*key_new)(void);
	void (*key_set)(void *key, const uint8_t *cw); // BORROWS cw_bytes
	void (*key_free)(void *key);
	// Opens a payload of `n` bytes (0..184) in place.
	void (*open)(void *key, uint8_t *payload, size_t n);
};

extern const struct stb_cipher stb_cipher_csa1, stb_cipher_csa2, stb_cipher_cissa, stb_cipher_idsa, stb_cipher_aes_cbc,
	stb_cipher_aes_ecb, stb_cipher_sm4_cbc;

// The descrambler of an algorithm; NULL for STB_ALGORITHM_AUTO.
const struct stb_cipher *stb_cipher_select(enum stb_algorithm algorithm);

// The algorithm of a scrambling_mode, STB_ALGORITHM_AUTO when there is no descrambler for it.
enum stb_algorithm stb_algorithm_of_mode(uint8_t scrambling_mode);

// The algorithm of a name, "auto" or one of the table; -EINVAL.
int stb_algorithm_of_name(const char *name);
