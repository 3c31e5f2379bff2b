// SPDX-License-Identifier: GPL-3.0-or-later
// Who says what is right: ciphers that others wrote, and where a build has none of them our C reference.
//
// | witness   | algorithms            | in a build with    |
// | libdvbcsa | CSA                   | libdvbcsa          |
// | OpenSSL   | AES and SM4 families  | OpenSSL            |
// | reference | all                   | always             |
//
// The reference is also an implementation like the others, and as such is compared with the outside witness.
//
// Threads: one per witness. Owns: what it opened.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cipher/algorithm.h"

struct witness_packet {
	uint8_t *bytes; // scrambled in place
	unsigned n;     // 0..184
};

struct witness_kind {
	const char *name;
	bool outside; // written by others
	// GIVES a state, or NULL when it does not know the algorithm.
	void *(*open)(enum dp_algorithm algorithm);
	void (*set_key)(void *state, const uint8_t *cw);
	// Scrambles packets of the one key.
	void (*scramble)(void *state, const struct witness_packet *packets, unsigned count);
	void (*close)(void *state);
};

extern const struct witness_kind witness_dvbcsa;  // only where the build defines WITNESS_DVBCSA
extern const struct witness_kind witness_openssl; // only where it defines WITNESS_OPENSSL
extern const struct witness_kind witness_reference;

struct witness {
	const struct witness_kind *kind;
	void *state;
};

// Opens the best witness of the algorithm. False when there is none.
bool witness_open(struct witness *witness, enum dp_algorithm algorithm);
void witness_close(struct witness *witness);

static inline void witness_set_key(const struct witness *witness, const uint8_t *cw)
{
	witness->kind->set_key(witness->state, cw);
}

static inline void witness_scramble(const struct witness *witness, const struct witness_packet *packets, unsigned count)
{
	witness->kind->scramble(witness->state, packets, count);
}
