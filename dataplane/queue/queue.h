// SPDX-License-Identifier: GPL-3.0-or-later
// A queue of EMM packets: one copy, and a cursor and a budget for every output that sends it. Each packet leaves once
// in every output, at the stream's rate; nothing is repeated here.
//
// What time has earned may be spent at once, but no more of it is saved than two packets and 100 ms: an output that
// starts, or had nothing to send, does not burst.
//
// An output that is fed from a file is paced by the media time of its first scrambled service; one that has none
// sends no EMMs. As that time may stand still, such an output lets go of its oldest packets before the queue is full,
// so that the others do not wait for it.
//
// Refs: ETSI TS 103 197 (EMMG/PDG <=> MUX: the generator repeats, the multiplexer paces).
// Threads: main puts, and lets outputs join and part; each cursor belongs to the worker of its output; `tail` and the
// cursors' `head` are atomic, and
//          main overwrites nothing that a cursor still has before it.
// Owns: its packets. Errors: a full queue refuses the newest packets, by count; what an output lets go is counted too.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ts_packet.h>

enum {
	DP_QUEUE_PKTS = 1024,
	DP_QUEUE_ROOM_PKTS = DP_QUEUE_PKTS / 4, // that an output whose clock may stand still leaves to others
};

// One output's place in a queue.
struct dp_queue_cursor {
	atomic_uint head;     // next packet of this output; the worker writes, main reads
	uint64_t filled_tick; // tick at which the budget was reckoned last
	uint64_t budget_bits; // that may leave now
	uint64_t part;        // of a bit more, in 1 / hz
	uint8_t cc;           // next continuity_counter
	bool started;
};

struct dp_queue {
	uint16_t pid;
	uint16_t rate_kbps;
	unsigned cursors;
	struct dp_queue_cursor **cursor; // one per output of the stream; main's
	atomic_uint tail;                // main writes
	uint8_t (*pkt)[TS_PACKET_BYTES];
};

// Allocates room for DP_QUEUE_PKTS packets and `cursors` outputs. 0 or -ENOMEM.
int dp_queue_init(struct dp_queue *queue, uint16_t pid, uint16_t rate_kbps, unsigned cursors);
void dp_queue_fini(struct dp_queue *queue);

// Main: another output sends the stream, from the next packet on. Its cursor, or NULL for want of memory.
struct dp_queue_cursor *dp_queue_join(struct dp_queue *queue);

// Main: an output no longer does; its worker has let go of the cursor, which is freed.
void dp_queue_part(struct dp_queue *queue, struct dp_queue_cursor *cursor);

// Main: appends a packet (BORROWED). 0, or -ENOSPC when the slowest output has no room; the packet is not taken.
int dp_queue_put(struct dp_queue *queue, const uint8_t *packet);

// Packets that the slowest output has still to send.
unsigned dp_queue_waiting(const struct dp_queue *queue);

// Worker: true when a packet waits for this output and its budget allows it now. `tick` is a clock of `hz`: the TSC, or
// media time for an output that is fed from files.
bool dp_queue_due(const struct dp_queue *queue, struct dp_queue_cursor *cursor, uint64_t tick, uint64_t hz);

// Worker: lets go of the oldest packets that take the room of others (DP_QUEUE_ROOM_PKTS). Returns how many.
unsigned dp_queue_skip(const struct dp_queue *queue, struct dp_queue_cursor *cursor);

// Worker: copies the packet that is due to `out` (188 bytes) with PID and continuity_counter, and goes on.
void dp_queue_take(const struct dp_queue *queue, struct dp_queue_cursor *cursor, uint8_t *out);
