// SPDX-License-Identifier: GPL-3.0-or-later
// Ethernet, VLAN, IPv4 and UDP header of an output.
//
// Refs: IEEE 802.1Q; RFC 791; RFC 768 (a UDP checksum of 0 is none); RFC 1112 clause 6.4 (group to Ethernet address).
// Threads: any; pure. Errors: none.
#pragma once

#include <stdint.h>

#include <rte_ether.h>

#include "conf/conf.h"

// Writes the header of a full datagram (seven transport packets) to `out` (DP_DGRAM_HEADER_MAX_BYTES).
// Returns its size in bytes.
uint8_t dp_header_make(uint8_t *out, const struct dp_conf_output *conf, const struct rte_ether_addr *source);

// Sets the lengths and the IPv4 checksum for `ts_bytes` of payload. `header_bytes` is what dp_header_make returned.
void dp_header_resize(uint8_t *header, uint8_t header_bytes, unsigned ts_bytes);
