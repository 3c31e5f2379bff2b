// SPDX-License-Identifier: GPL-3.0-or-later
// A received frame: Ethernet, VLAN, IPv4, UDP, RTP, down to its transport packets. Checksums of IPv4 and UDP are not
// looked at: datagrams from a kernel on the same machine carry partial ones.
//
// Refs: IEEE 802.1Q; RFC 791; RFC 768; RFC 2250.
// Threads: any; pure functions on bytes from the network, whatever they hold.
// Errors: a drop reason (enum dp_drop, >= 0) where a frame cannot be used; 0 is one of them, so -1 is good.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dp_stats.h>

#include "conf/conf.h"
#include "stage/dgram.h"

// What an input is found by: 16 bytes, which a table compares at once.
struct dp_flow {
	uint32_t group; // host order
	uint16_t udp_port;
	uint16_t vlan;
	uint32_t port; // index of the port
	uint32_t zero;
};

struct dp_frame {
	struct dp_flow flow; // but for `port`, which the caller knows
	uint32_t source;
	uint16_t offset; // of the UDP payload
	uint16_t bytes;  // of it
	bool igmp;       // no datagram, but IGMP: where DP_DROP_NOT_UDP is returned
	bool igmp_query; // of these, a membership query
};

// The transport packets of a frame.
struct dp_frame_ts {
	uint16_t offset; // in the frame
	uint16_t bytes;  // 1 to 7 packets
	uint16_t rtp_sequence;
	bool rtp; // rtp_sequence holds
};

// Reads the headers of a frame of `length` bytes (BORROWED). -1, or why it is to be dropped; IGMP is told apart in
// `out`, because it is no datagram and yet nothing to drop.
int dp_frame_parse(struct dp_frame *out, const uint8_t *frame, size_t length);

// Finds the transport packets in a frame that was parsed. -1 or DP_DROP_NOT_TS.
int dp_frame_packets(struct dp_frame_ts *out, const struct dp_frame *frame, const uint8_t *bytes,
		     enum dp_encapsulation encapsulation);
