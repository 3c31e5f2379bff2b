// SPDX-License-Identifier: GPL-3.0-or-later
// Key files of known keys for tests, and hexadecimal text.
#pragma once

#include <stdio.h>
#include <string.h>

#include <base_bytes.h>
#include <unit.h>

#include "store/keyfile.h"

#define RIG_K1   "00112233445566778899aabbccddeeff"
#define RIG_AUTH "102132435465768798a9bacbdcedfe0f"

// GIVES a key file of the suite's word with the service keys `ids`, all of the same two keys.
static inline struct km_keyfile rig_keys(const char *suite, const uint16_t *ids, unsigned n)
{
	static char text[KM_MSG_SERVICE_KEYS_MAX * 128];
	size_t used = (size_t)snprintf(text, sizeof(text), "suite %s\nca_subsystem 0abc\n", suite);
	struct km_keyfile keyfile;
	struct base_errs errs;

	for (unsigned i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "service_key %u k1 " RIG_K1 " auth " RIG_AUTH "\n", ids[i]);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(km_keyfile_parse(&keyfile, text, used, "rig", &errs), 0);
	return keyfile;
}

static inline size_t rig_hex(uint8_t *out, size_t capacity, const char *text)
{
	int n = base_bytes_from_hex(out, capacity, text, strlen(text));

	CU_ASSERT_FATAL(n >= 0);
	return (size_t)n;
}
