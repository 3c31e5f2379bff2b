// SPDX-License-Identifier: GPL-3.0-or-later
// A CAS for the terminal's tests: its keys, its ECMs and key files, composed from docs/ecm.md with OpenSSL's ECB alone.
//
// CMAC is written out here (NIST SP 800-38B), so that the terminal's is checked against another one.
//
// Threads: one owner. Owns: nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <stb_ecm.h>

enum { DESK_KEYS = 2, DESK_SUBSYSTEM = 0x0A01 };

struct desk {
	enum stb_suite suite;
	uint8_t k3[16], k2[16], k1[DESK_KEYS][16], auth[DESK_KEYS][16]; // service_key_id 1 and 2
};

struct desk_ecm {
	unsigned service_key_id, cp_number;
	uint32_t time_s;
	const uint8_t *even, *odd; // CWs, NULL: zeros
	size_t cw_bytes;
	const uint8_t *conditions;
	size_t conditions_bytes;
};

void desk_init(struct desk *desk, enum stb_suite suite);

// E(key, in) of `n` bytes, block by block.
void desk_encrypt(enum stb_suite suite, const uint8_t *key, const uint8_t *in, size_t n, uint8_t *out);

// CMAC, a whole block; returns its bytes.
size_t desk_cmac(enum stb_suite suite, const uint8_t *key, const uint8_t *bytes, size_t n, uint8_t *tag);

// Writes a section; returns its size.
size_t desk_ecm(const struct desk *desk, const struct desk_ecm *ecm, uint8_t *section);

// Makes the MAC of a changed section of `n` bytes right again, with the key of service_key_id 1.
void desk_seal(const struct desk *desk, uint8_t *section, size_t n);

// The terminal's key file; returns its length.
size_t desk_keys(const struct desk *desk, char *text, size_t capacity);
