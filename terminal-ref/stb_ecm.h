// SPDX-License-Identifier: GPL-3.0-or-later
// The ECM section: reading it, and the verdicts on one.
//
// Refs: docs/ecm.md (ECM section); ITU-T J.1027 clause 6.1; ISO/IEC 13818-1 clause 2.4.4.10 (private_section).
// Threads: any; pure. Owns: nothing; a view BORROWS the section.
// Errors: verdicts, each with a name.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stb_klad.h>

#define STB_ECM_MAX_BYTES 256
#define STB_ECM_MAC_BYTES 8
#define STB_ECM_VERSION   1

enum { STB_ECM_TABLE_EVEN = 0x80, STB_ECM_TABLE_ODD = 0x81 };

// What became of an ECM. All but STB_ECM_OPENED refuse it whole.
enum stb_ecm_verdict {
	STB_ECM_OPENED,
	STB_ECM_BAD_LENGTH,      // not of the short form, longer than 256 bytes, or fields that do not fill it
	STB_ECM_UNKNOWN_VERSION, // not version 1
	STB_ECM_BAD_TABLE_ID,    // its lowest bit is not that of cp_number
	STB_ECM_BAD_CONDITIONS,  // a condition past the end, or one of a wrong length
	STB_ECM_WRONG_SUITE,     // not the cipher of this terminal's keys
	STB_ECM_WRONG_SUBSYSTEM, // of another ca_subsystem_id
	STB_ECM_UNKNOWN_KEY,     // no such service_key_id
	STB_ECM_BAD_MAC,
	STB_ECM_REPLAYED, // authentic, but of an earlier time and crypto-period than what was opened before
	STB_ECM_BAD_CW,   // the ladder's result is no CW of the descrambler: length, or zeros that are none
	STB_ECM_FAILED,   // no memory
	STB_ECM_VERDICTS
};

// Names as in the report: "opened", "bad_length", ...
extern const char *const stb_ecm_verdict_name[STB_ECM_VERDICTS];

struct stb_ecm {
	uint8_t table_id, suite;
	uint16_t ca_subsystem_id, service_key_id, cp_number;
	uint32_t time_s; // UTC since 1970-01-01
	const uint8_t *conditions;
	size_t conditions_bytes;
	size_t ecw_bytes;     // of each, 8 or 16
	const uint8_t *even;  // NULL: no word of this parity
	const uint8_t *odd;   // NULL: no word of this parity
	const uint8_t *bytes; // the whole section
	size_t signed_bytes;  // up to the MAC, which follows
};

// Reads a section of `n` bytes. STB_ECM_OPENED when it is well formed; its content proves nothing before the MAC does.
enum stb_ecm_verdict stb_ecm_parse(struct stb_ecm *ecm, const uint8_t *section, size_t n);

// Checks the MAC with the ECM key (BORROWS STB_KEY_BYTES), in constant time. STB_ECM_OPENED, STB_ECM_BAD_MAC or
// STB_ECM_FAILED.
enum stb_ecm_verdict stb_ecm_check_mac(const struct stb_ecm *ecm, const uint8_t *key);
