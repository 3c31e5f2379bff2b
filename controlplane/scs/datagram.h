// SPDX-License-Identifier: GPL-3.0-or-later
// An ECM_datagram as one section, whichever way the ECMG sends it.
//
// Refs: ETSI TS 103 197 (section_TSpkt_flag, ECM_datagram); ETSI ETR 289 (table_id 0x80 and 0x81 of ECMs).
// Threads: any; pure.
// Errors: -EBADMSG for what is not exactly one ECM, whole.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Largest section of an ECM that is taken: a private section (ISO/IEC 13818-1 clause 2.4.4.10).
#define CP_DATAGRAM_SECTION_MAX 4096

// Writes the section to `out` of CP_DATAGRAM_SECTION_MAX bytes. Its size; 0 for an empty datagram: no ECM to play.
int cp_datagram_section(uint8_t *out, const uint8_t *datagram, size_t n, bool packets);
