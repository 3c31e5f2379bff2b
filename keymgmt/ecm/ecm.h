// SPDX-License-Identifier: GPL-3.0-or-later
// Composes ECM sections under service keys that stay keyed.
//
// Refs: docs/ecm.md, "ECM section".
// Threads: one owner. Owns: an OpenSSL cipher and MAC per service key, which hold the schedules of K1 and K_ecm_auth.
// Secrets: a request holds control words; the caller scrubs it, and burns the stack when a batch is done
//          (base_secret_scrub_stack).
// Errors: -ENOENT no such service key, -EINVAL a request that makes no ECM, -ENOMEM, -EIO of the cipher.
#pragma once

#include <stdint.h>

#include <km_msg.h>

#include "ladder/cipher.h"
#include "store/keyfile.h"

// Bytes before the conditions; and of the MAC.
enum { KM_ECM_HEAD_BYTES = 16, KM_ECM_MAC_BYTES = 8 };

struct km_ecm_key {
	uint16_t service_key_id;
	struct km_cipher k1;
	struct km_mac auth;
};

struct km_ecm_maker {
	enum km_suite suite;
	uint16_t ca_subsystem_id;
	unsigned keys;
	struct km_ecm_key key[KM_MSG_SERVICE_KEYS_MAX]; // by rising service_key_id
};

// Keys the ciphers of all service keys of `keyfile` (BORROWED: it may be freed afterwards).
int km_ecm_open(struct km_ecm_maker *maker, const struct km_keyfile *keyfile);

// Makes the ECM of one request with this UTC time. `answer` is written whole: tag, error, and the section when error
// is 0. Returns the error.
int km_ecm_compose(struct km_ecm_maker *maker, const struct km_msg_ecm_request *request, uint32_t utc_s,
		   struct km_msg_ecm_answer *answer);

// Wipes and frees. One that is all zero is left alone.
void km_ecm_close(struct km_ecm_maker *maker);
