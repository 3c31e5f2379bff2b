// SPDX-License-Identifier: GPL-3.0-or-later
// The ECMs of one crypto-period, cut into packets by main, and which of them is due on the media clock.
//
//   period n-1            | period n                    | period n+1
//         start(n) <0 or  |>0                           |  stop(n) <0 or >0
//           |<-- ECM n, every repetition_ms ------------------>|
//
// An ECM is on air from the beginning of its period plus start_ms to the end of it plus stop_ms, every
// repetition_ms; the one of the next period on the same PID replaces it. A period that goes on past its end keeps its
// ECMs on air.
//
// Refs: ETSI TS 103 197 (delay_start, delay_stop, ECM_rep_period).
// Threads: filled by main, then GIVEN to the worker that owns the group; a set that is no longer used goes back.
// Owns: its packets. No secret in it.
#pragma once

#include <stdint.h>

#include <ts_packet.h>

#include "conf/conf.h"

// Packets for DP_MSG_ECM_POOL_BYTES of sections, one CAS each.
enum { DP_ECM_PKTS_MAX = 64 };

struct dp_ecm {
	uint16_t pid;
	uint16_t repetition_ms;
	int32_t start_ms, stop_ms;
	uint8_t first_pkt, pkts; // in the set; pkts 0: none in this period
};

struct dp_ecm_set {
	uint16_t cp_number;
	uint8_t n;
	uint8_t pkts;
	struct dp_ecm ecm[DP_CONF_CA_MAX];
	uint8_t pkt[DP_ECM_PKTS_MAX][TS_PACKET_BYTES]; // PID and continuity_counter are written when they leave
};
