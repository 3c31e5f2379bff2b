// SPDX-License-Identifier: GPL-3.0-or-later
// Transport streams into captures and back: frames of Ethernet, IPv4 and UDP.
//
// Refs: RFC 791, RFC 768, RFC 1112 clause 6.4 (group to MAC); IEEE 802.1Q; RFC 2250 (RTP).
// Threads: one owner. Errors: -EBADMSG not such a frame, -errno; for a person in `errs`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <ts_packet.h>

#define FLOW_DATAGRAM_PKTS   7
#define FLOW_FRAME_MAX_BYTES (14 + 4 + 20 + 8 + 12 + FLOW_DATAGRAM_PKTS * TS_PACKET_BYTES)

struct flow_endpoint {
	uint32_t addr; // host order
	uint16_t port;
};

// Reads "A.B.C.D:PORT". 0 or -EINVAL.
int flow_endpoint_parse(struct flow_endpoint *out, const char *text);

struct flow_wrap {
	const char *in, *out;
	struct flow_endpoint to;
	uint32_t from; // source address, host order
	bool rtp;
	unsigned vlan; // 0: untagged
};

struct flow_frame {
	struct flow_endpoint to;
	const uint8_t *payload; // BORROWED
	size_t payload_bytes;
	bool checksum_wrong; // of UDP; a capture on the sending machine has unfinished ones
};

// Writes the headers in front of `n` bytes that stand at out + *headers_bytes: call with out NULL to learn
// *headers_bytes first. `ident` goes to the IP header. Returns the size of the frame.
size_t flow_frame_write(uint8_t *out, size_t *headers_bytes, const struct flow_wrap *wrap, size_t n, uint16_t ident);

// Reads a frame of `n` captured bytes. 0, or -EBADMSG (no UDP over IPv4, cut, a fragment, wrong IP checksum).
int flow_frame_read(struct flow_frame *out, const uint8_t *frame, size_t n);

// The three acts of the tool.
int flow_pcap_wrap(const struct flow_wrap *wrap, struct base_errs *errs);
int flow_pcap_unwrap(const char *in, const char *out, const struct flow_endpoint *flow, struct base_errs *errs);
int flow_pcap_merge(const char *out, char *const *in, size_t n, struct base_errs *errs);
