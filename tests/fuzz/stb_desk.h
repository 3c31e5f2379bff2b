// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of a laboratory and the MAC of an ECM, for the targets that reach past the MAC: stb_ecm and stb_ca.
//
// Threads: one. Owns: the keys, in locked memory, made once.
#pragma once

#include <openssl/evp.h>

#include <fuzz.h>
#include <stb_ecm.h>
#include <stb_keys.h>

static const char desk_text[] =
	"suite aes\nca_subsystem 0a01\nk3 000102030405060708090a0b0c0d0e0f\n"
	"service_key 1 ek2 101112131415161718191a1b1c1d1e1f ek1 202122232425262728292a2b2c2d2e2f "
	"auth 303132333435363738393a3b3c3d3e3f\n"
	"service_key 2 ek2 101112131415161718191a1b1c1d1e1f ek1 404142434445464748494a4b4c4d4e4f "
	"auth 303132333435363738393a3b3c3d3e3f\n";

static inline const struct stb_keys *desk_keys(void)
{
	static struct stb_keys keys;
	struct base_errs errs;

	base_errs_init(&errs);
	if (!keys.bytes.bytes)
		FUZZ_ASSERT(stb_keys_parse(&keys, desk_text, sizeof(desk_text) - 1, "desk", &errs) == 0);
	return &keys;
}

// Makes the MAC of an ECM of `n` bytes right.
static inline void desk_seal(uint8_t *section, size_t n)
{
	struct stb_service_key key;
	uint8_t tag[16];
	size_t bytes;

	if (n < STB_ECM_MAC_BYTES)
		return;
	FUZZ_ASSERT(stb_keys_find(desk_keys(), 1, &key) == 0);
	FUZZ_ASSERT(EVP_Q_mac(NULL, "CMAC", NULL, "AES-128-CBC", NULL, key.auth, STB_KEY_BYTES, section,
			      n - STB_ECM_MAC_BYTES, tag, sizeof(tag), &bytes));
	memcpy(section + n - STB_ECM_MAC_BYTES, tag, STB_ECM_MAC_BYTES);
}
