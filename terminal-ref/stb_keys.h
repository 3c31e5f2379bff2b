// SPDX-License-Identifier: GPL-3.0-or-later
// The laboratory's key file of a terminal: what a chip has in its OTP and what its EMMs would bring.
//
// A file of mode 0600, one statement a line, '#' begins a comment:
//   suite aes
//   ca_subsystem 0001
//   k3 0f1e2d3c4b5a69788796a5b4c3d2e1f0
//   service_key 1 ek2 0011...eeff ek1 8899...6677 auth 1021...fe0f
// suite is tdes, aes or sm4; ca_subsystem 4 hexadecimal digits; a key 32; service_key_id is 0..65535, each once. suite,
// ca_subsystem and k3 stand once, service_key at least once; the order is free.
//
// Refs: docs/ecm.md (key files of a laboratory).
// Threads: one owner. Owns: the keys, in locked pages, decoded from one locked buffer into the other.
// Errors: -EINVAL with every mistake in the list by file:line, never with a digit of a key; -ENOMEM; as
// base_secret_load.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <base_secret.h>
#include <stb_klad.h>

#define STB_KEYS_MAX       1024
#define STB_KEYS_MAX_BYTES (1u << 20)

struct stb_keys {
	enum stb_suite suite;
	uint16_t ca_subsystem_id;
	size_t n;                  // service keys
	uint16_t id[STB_KEYS_MAX]; // service_key_id of each
	struct base_secret bytes;  // K3, then EK2, EK1 and the ECM key of each
};

// What belongs to one service key: STB_KEY_BYTES each, BORROWED from the locked pages.
struct stb_service_key {
	const uint8_t *ek2, *ek1, *auth;
};

// Reads a file of mode 0600 or 0400. On an error nothing is held.
int stb_keys_load(struct stb_keys *keys, const char *path, struct base_errs *errs);

// The same from memory (BORROWS `n` bytes of text); `name` stands for the file in messages.
int stb_keys_parse(struct stb_keys *keys, const char *text, size_t n, const char *name, struct base_errs *errs);

void stb_keys_free(struct stb_keys *keys);

// K3, BORROWED.
const uint8_t *stb_keys_k3(const struct stb_keys *keys);

// The service key of this id; -ENOENT.
int stb_keys_find(const struct stb_keys *keys, uint16_t id, struct stb_service_key *out);
