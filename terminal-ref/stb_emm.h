// SPDX-License-Identifier: GPL-3.0-or-later
// The EMMs that arrive: counted by table_id, each distinct section told by its SHA-256. Opening them comes later.
//
// The CAT names the EMM PIDs of the CA system.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.4.6 (CAT), 2.6.16 (CA_descriptor); ETSI ETR 289 (table_id 0x82..0x8F).
// Threads: one owner. Owns: its table. Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STB_EMM_DIGEST_BYTES 32
#define STB_EMM_DISTINCT_MAX 4096
#define STB_EMM_PIDS_MAX     16

enum { STB_EMM_TABLE_FIRST = 0x82, STB_EMM_TABLE_LAST = 0x8F };

// One distinct section.
struct stb_emm {
	uint8_t digest[STB_EMM_DIGEST_BYTES];
	uint8_t table_id;
	uint16_t pid;
	uint16_t bytes;
	uint64_t count;
};

struct stb_emms {
	int cat_version; // -1: no CAT yet
	uint64_t cat_changes;
	size_t pids;
	struct {
		uint16_t pid, ca_system_id;
	} pid[STB_EMM_PIDS_MAX]; // as the CAT says now
	uint64_t received;
	uint64_t table[256]; // by table_id
	size_t n;            // distinct sections
	uint64_t untold;     // sections that found no room in the list
	struct stb_emm *emm; // in order of arrival
};

int stb_emms_init(struct stb_emms *emms);
void stb_emms_fini(struct stb_emms *emms);

// True when the CAT names the PID.
bool stb_emms_wants(const struct stb_emms *emms, uint16_t pid);

// Takes a section (BORROWS). 0 or -ENOMEM.
int stb_emms_take(struct stb_emms *emms, uint16_t pid, const uint8_t *section, size_t n);
