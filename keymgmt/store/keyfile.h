// SPDX-License-Identifier: GPL-3.0-or-later
// The vault's key file of a laboratory: service keys, parsed where they stand in locked memory.
//
//   suite aes
//   ca_subsystem 0001
//   service_key 1 k1 <32 hexadecimal digits> auth <32 hexadecimal digits>
//
// Refs: docs/ecm.md, "Key files of a laboratory".
// Threads: one owner. Owns: its secret; free takes it back.
// Errors: mistakes go to `errs` as file:line, never with a digit of a key; -EINVAL, -ENOMEM, or those of
//         base_secret_load.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <base_secret.h>

#include <km_msg.h>

#include "ladder/suite.h"

#define KM_KEYFILE_MAX_BYTES 65536

struct km_keyfile {
	enum km_suite suite;
	uint16_t ca_subsystem_id;
	unsigned keys;                        // 1 to KM_MSG_SERVICE_KEYS_MAX
	uint16_t id[KM_MSG_SERVICE_KEYS_MAX]; // in the order of the file
	struct base_secret secret;            // of each its K1, then its K_ecm_auth
};

// Reads a file of mode 0600 or 0400. 0 or -errno; then nothing is held.
int km_keyfile_load(struct km_keyfile *keyfile, const char *path, struct base_errs *errs);

// The same from memory (BORROWED); `name` stands for the file in messages.
int km_keyfile_parse(struct km_keyfile *keyfile, const char *text, size_t n, const char *name, struct base_errs *errs);

// Wipes. One that is all zero is left alone.
void km_keyfile_free(struct km_keyfile *keyfile);

// K1 and K_ecm_auth of the `index`th service key, KM_KEY_BYTES each, BORROWED from the secret.
static inline const uint8_t *km_keyfile_k1(const struct km_keyfile *keyfile, unsigned index)
{
	return keyfile->secret.bytes + (size_t)index * 2 * KM_KEY_BYTES;
}

static inline const uint8_t *km_keyfile_auth(const struct km_keyfile *keyfile, unsigned index)
{
	return km_keyfile_k1(keyfile, index) + KM_KEY_BYTES;
}
