// SPDX-License-Identifier: GPL-3.0-or-later
// What an mbuf carries besides its bytes, in its private area: at rx, who still reads it; at tx, the seven slots.
//
// Every slot to scramble is born with the header of a null packet. Only sealing, after the cipher's store, makes it
// content of a scrambled service.
//
// Threads: the worker that holds the mbuf.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include <ts_packet.h>

struct dp_input;
struct dp_output;
struct dp_service;

enum { DP_DGRAM_SLOTS = 7 };
enum { DP_DGRAM_TS_BYTES = DP_DGRAM_SLOTS * TS_PACKET_BYTES };
// Ethernet 14, VLAN 4, IPv4 20, UDP 8; rounded up to what is copied at once.
enum { DP_DGRAM_HEADER_MAX_BYTES = 48 };

enum dp_slot_kind {
	DP_SLOT_NULL,   // a null packet
	DP_SLOT_COPIED, // left clear by policy, or without payload
	DP_SLOT_PSI,    // made here
	DP_SLOT_WAITS,  // for the cipher; its header is still that of a null packet
	DP_SLOT_SEALED, // scrambled
};

// Words of a payload as it came, for the guard: at most 4, of 8 bytes, inside the part that the algorithm changes.
enum { DP_NOTE_WORDS = 4 };

struct dp_note {
	uint64_t word[DP_NOTE_WORDS];
	uint8_t offset[DP_NOTE_WORDS]; // from the start of the transport packet
	uint8_t n;
};

// When the oldest packet of a service in a datagram came.
struct dp_delay {
	struct dp_service *service;
	uint64_t arrived_tick; // TSC
};

// Both pools give their mbufs a private area of this size; a ring port turns one kind into the other.
struct dp_dgram {
	union {
		struct {                    // received
			uint16_t users;     // packets of it that are held or wait for the cipher, and one for the
					    // stage that walks it
			uint16_t ts_offset; // of the first transport packet in the mbuf
			uint16_t rtp_sequence;
			bool rtp;               // rtp_sequence holds
			uint32_t source;        // IPv4 address it came from; 0 from a file
			struct dp_input *input; // set at rx, for the worker it is handed to
			uint64_t arrived_tick;  // TSC of the poll that received it
			bool passed;            // handed over once more, by a worker whose input had moved
			struct rte_mbuf *next;  // that is held behind it
		};
		struct { // to be sent; what every datagram needs is in one cache line
			struct dp_output *output;
			uint8_t *ts;     // slot 0
			uint8_t slots;   // laid
			uint8_t pending; // of these, waiting for the cipher
			uint8_t nulls;   // of these, null packets
			uint8_t delays;  // services in it, when it is sampled
			bool sampled;    // its times count for its services and its output (stats/delay.h)
			uint8_t kind[DP_DGRAM_SLOTS];
			uint64_t serial;      // of the worker's datagrams
			uint64_t oldest_tick; // TSC when its oldest packet came; 0: none of it came
			struct dp_delay delay[DP_DGRAM_SLOTS];
			struct dp_note note[DP_DGRAM_SLOTS];
		};
	};
};

static inline struct dp_dgram *dp_dgram_of(struct rte_mbuf *mbuf)
{
	return rte_mbuf_to_priv(mbuf);
}

// One reader of a received datagram is done with it. True for the last one, who frees it.
static inline bool dp_dgram_done(struct rte_mbuf *mbuf)
{
	return --dp_dgram_of(mbuf)->users == 0;
}

static inline void dp_dgram_let_go(struct rte_mbuf *mbuf)
{
	if (dp_dgram_done(mbuf))
		rte_pktmbuf_free(mbuf);
}
