// SPDX-License-Identifier: GPL-3.0-or-later
// Descriptors: walking a loop, and the two of conditional access.
//
// Refs: ISO/IEC 13818-1 clause 2.6 (CA_descriptor 2.6.16); ETSI EN 300 468 clauses 6.1, 6.2 and annex on
//       scrambling_descriptor.
// Threads: any; pure. Errors: -EBADMSG for a descriptor past the end of its loop, -ENOSPC.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TS_DESC_CA = 0x09,
	TS_DESC_CAROUSEL_IDENTIFIER = 0x13,
	TS_DESC_TELETEXT = 0x56,
	TS_DESC_SUBTITLING = 0x59,
	TS_DESC_VBI_TELETEXT = 0x46,
	TS_DESC_CA_IDENTIFIER = 0x53,
	TS_DESC_SCRAMBLING = 0x65,
	TS_DESC_DATA_BROADCAST_ID = 0x66,
	TS_DESC_APPLICATION_SIGNALLING = 0x6F,
};

// scrambling_mode of the scrambling_descriptor; from 0x80 on user-private, as the field's tools number them
enum {
	TS_SCRAMBLING_CSA1 = 0x01,
	TS_SCRAMBLING_CSA2 = 0x02,
	TS_SCRAMBLING_CISSA1 = 0x10,
	TS_SCRAMBLING_IDSA = 0x70,
	TS_SCRAMBLING_SM4_CBC = 0x82, // ours
	TS_SCRAMBLING_AES_CBC = 0xF0,
	TS_SCRAMBLING_AES_ECB = 0xF2,
};

// A descriptor loop, and one descriptor in it; both BORROW the section.
struct ts_desc_loop {
	const uint8_t *bytes;
	size_t n;
};

struct ts_desc {
	uint8_t tag;
	uint8_t n;            // descriptor_length
	const uint8_t *bytes; // after tag and length
};

// Takes the next descriptor at *position (start with 0) and advances it. 1, 0 at the end, -EBADMSG.
int ts_desc_next(const struct ts_desc_loop *loop, size_t *position, struct ts_desc *out);

// True when the loop holds a descriptor with this tag before any malformed one.
bool ts_desc_find(const struct ts_desc_loop *loop, uint8_t tag, struct ts_desc *out);

// 0 when every descriptor of the loop fits it, else -EBADMSG.
int ts_desc_check(const struct ts_desc_loop *loop);

struct ts_desc_ca {
	uint16_t ca_system_id;
	uint16_t pid;                 // ECM PID in a PMT, EMM PID in a CAT
	const uint8_t *private_bytes; // BORROWED, may be NULL when n is 0
	size_t private_n;
};

// 0, or -EBADMSG when it is no CA_descriptor or shorter than 4 bytes.
int ts_desc_ca_parse(struct ts_desc_ca *out, const struct ts_desc *desc);

// Write one descriptor; return its size in bytes or -ENOSPC.
int ts_desc_ca_write(uint8_t *out, size_t capacity, const struct ts_desc_ca *ca);
int ts_desc_scrambling_write(uint8_t *out, size_t capacity, uint8_t scrambling_mode);
