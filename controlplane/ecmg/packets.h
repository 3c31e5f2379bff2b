// SPDX-License-Identifier: GPL-3.0-or-later
// An ECM section as TS packets, for section_TSpkt_flag 1: payload_unit_start_indicator, pointer_field 0, stuffed with
// 0xFF, PID 0x1FFF and continuity_counter from 0. The MUX writes PID and counter anew.
//
// Refs: ETSI TS 103 197 clause 4.4; ISO/IEC 13818-1 clause 2.4.4. Threads: any; pure. Owns: nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <km_msg.h>
#include <ts_packet.h>

#define CAS_PACKETS_MAX   2 // 256 bytes and the pointer_field
#define CAS_PACKETS_BYTES (CAS_PACKETS_MAX * TS_PACKET_BYTES)

// Cuts a section of `n` bytes (3 to KM_MSG_ECM_BYTES) and returns the bytes of its packets.
size_t cas_packets_make(uint8_t out[CAS_PACKETS_BYTES], const uint8_t *section, size_t n);
