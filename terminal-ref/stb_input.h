// SPDX-License-Identifier: GPL-3.0-or-later
// Where packets come from: a transport stream file, a capture, or datagrams; one table of operations each.
//
// Refs: RFC 2250, RFC 3550 (RTP sequence); RFC 3376 (source-specific joins); IEEE 802.1Q.
// Threads: one owner. Owns: open GIVES the source's resources, close takes them back.
// Errors: open: -errno with the reason in `errs`. read: -ENODATA at the end, -errno.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <stb_url.h>

// Enough for the largest datagram (65,507 bytes).
#define STB_INPUT_MAX_PKTS 512

struct stb_input_counts {
	uint64_t pkts;
	uint64_t skipped_bytes;  // of a file, out of packet synchronisation
	uint64_t datagrams;      // of the flow
	uint64_t refused;        // datagrams without whole TS packets
	uint64_t other;          // frames of a capture that are no datagram of the flow
	uint64_t rtp_gaps;       // breaks of the RTP sequence
	uint64_t rtp_lost;       // datagrams that the breaks stand for
	uint64_t kernel_dropped; // datagrams for which the socket had no room
	bool rtp;
};

struct stb_input;

struct stb_input_ops {
	const char *name;
	int (*open)(struct stb_input *in, struct base_errs *errs);
	// Gives 1..STB_INPUT_MAX_PKTS packets; 0 when none came for `timeout_ms`.
	int (*read)(struct stb_input *in, uint8_t *packets, int timeout_ms);
	void (*close)(struct stb_input *in);
};

struct stb_input {
	const struct stb_input_ops *ops;
	const char *where;   // BORROWED
	struct stb_url flow; // of a socket, or of the capture's filter (addr 0: the first flow with TS packets)
	void *state;
	struct stb_input_counts counts;
	uint16_t rtp_sequence;
};

extern const struct stb_input_ops stb_input_file, stb_input_pcap, stb_input_udp;

// Opens what `where` names: udp://..., a capture (told by its first bytes) or a transport stream file. `filter` is
// GROUP:PORT of a flow in a capture, or NULL.
int stb_input_open(struct stb_input *in, const char *where, const char *filter, struct base_errs *errs);
int stb_input_read(struct stb_input *in, uint8_t *packets, int timeout_ms);
void stb_input_close(struct stb_input *in);

// Takes the packets out of a datagram of `n` bytes (BORROWS), RTP or not, and counts it. Returns how many; 0 when the
// datagram holds no whole packets.
int stb_input_datagram(struct stb_input *in, uint8_t *packets, const uint8_t *datagram, size_t n);

// A UDP datagram in a frame, all BORROWED.
struct stb_frame {
	uint32_t addr; // destination, host order
	uint16_t port;
	const uint8_t *payload;
	size_t n;
};

// Reads an Ethernet frame with up to two VLAN tags. 0, or -EBADMSG for all that is no whole UDP datagram over IPv4.
int stb_frame_read(struct stb_frame *out, const uint8_t *frame, size_t n);
