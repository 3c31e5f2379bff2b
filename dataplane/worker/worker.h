// SPDX-License-Identifier: GPL-3.0-or-later
// A worker lcore: polls its receive queues and takes every packet through all stages, run to completion.
//
// Threads: everything here belongs to the worker's thread but where a field says otherwise.
// Owns: batches, scratch, the datagrams between slot and tx. Everything is allocated before READY.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <base_clock.h>
#include <dp_stats.h>

#include "arena/arena.h"
#include "choice/choice.h"
#include "cipher/cipher.h"
#include "lineup/flows.h"
#include "lineup/lineup.h"
#include "port/port.h"
#include "stage/dgram.h"
#include "stats/load.h"

enum {
	DP_BURST = 32, // datagrams of one receive call
	DP_BURST_PKTS = DP_BURST * DP_DGRAM_SLOTS,
};

// What slot does with a packet.
enum dp_kind {
	DP_KIND_GONE,     // dropped, or taken in without going out
	DP_KIND_NULL,     // null packet
	DP_KIND_COPY,     // to the service's output as it is
	DP_KIND_COPY_ALL, // to all outputs of the input as it is
	DP_KIND_COPY_CA,  // to the outputs that keep the CA of the input
	DP_KIND_COPY_PCR, // to the outputs of the services that take their PCR from it
	DP_KIND_SCRAMBLE,
	DP_KIND_EMIT, // the marked tables of the input go out here
};

// One transport packet between the stages.
struct dp_pkt {
	const uint8_t *bytes; // 188, in the received mbuf
	struct rte_mbuf *mbuf;
	struct dp_input *input;
	struct dp_pid *pid;               // of the input, by its header
	const struct dp_service *fetched; // that it most likely belongs to; NULL: none
	struct dp_service *service;       // that it belongs to, when it is decided
	struct dp_key *key;
	uint32_t header; // its first four bytes
	uint8_t kind;    // enum dp_kind
	bool clocked;    // it has the PCR of some service, which has been taken
};

// Whose lane it is, to seal it.
struct dp_lane_owner {
	struct rte_mbuf *mbuf; // with its bytes
	struct dp_dgram *dgram;
	struct dp_service *service;
	uint8_t offset;
	uint8_t slot;
};

struct dp_batch {
	const struct dp_cipher_ops *ops;
	void *scratch; // in the arena
	unsigned n;
	unsigned keys;               // different keys among the lanes
	uint32_t serial;             // of this batch
	uint64_t oldest_tick;        // TSC when its first lane came
	struct dp_batch_stats stats; // main reads
	struct dp_lane lane[DP_CIPHER_LANES_MAX];
	struct dp_lane_owner owner[DP_CIPHER_LANES_MAX];
};

// Datagrams of one port on their way out.
struct dp_tx {
	unsigned n;
	struct rte_mbuf *mbuf[DP_BURST];
	struct dp_output *output[DP_BURST];
	uint8_t slots[DP_BURST], nulls[DP_BURST]; // transport packets, and null packets among them
};

struct dp_worker {
	unsigned index;
	const struct dp_conf *conf;
	const struct base_clock *clock;
	const struct dp_choice *ciphers;
	struct dp_lineup *lineup;
	struct dp_roster roster;   // what it looks after
	struct dp_port *port;      // all ports
	struct dp_flows *flows;    // by which received datagrams find their input
	struct dp_worker *workers; // all of them, for hand-over
	struct rte_ring *handover; // many producers: datagrams whose input this worker owns
	struct rte_ring *inbox;    // from main: orders (worker/order.h)
	struct rte_ring *spare;    // to main: orders done or refused
	struct rte_ring *outbox;   // from main: frames to send, on the port that mbuf->port names
	struct rte_mempool *tx_pool;

	uint64_t now_tick; // TSC of this pass
	uint64_t lap_tick; // TSC of the last stage boundary
	uint64_t housekept_tick;
	uint64_t housekeeping_ticks, batch_wait_ticks, source_hold_ticks; // intervals, in TSC ticks
	uint64_t datagram_serial;                                         // of the datagram opened last
	uint32_t note_turn;
	unsigned pkts, full_n;
	struct dp_pkt pkt[DP_BURST_PKTS];
	struct dp_output *full[DP_BURST_PKTS]; // outputs of which all slots are given, and not laid
	struct dp_batch batch[DP_ALGORITHMS];
	struct dp_tx tx[DP_CONF_PORTS_MAX];
	struct rte_mbuf **closed; // ring of full datagrams, in order; closed_mask + 1 entries
	uint32_t closed_mask, closed_head, closed_tail;
	uint32_t closed_many; // so many are sent before more packets are taken

	struct rte_mbuf *parked_first, *parked_last; // datagrams of inputs that are moving here (stage/owner.h)
	unsigned parked;

	uint8_t null_packet[TS_PACKET_BYTES]; // what fills slots; its header is what a slot to scramble is born with

	struct dp_worker_stats stats; // main reads
	struct dp_load load;
	atomic_ullong passed; // passes ended; main reads (worker/grace.h)
	atomic_bool *stop;    // main writes
	atomic_bool drained;  // main reads: all offline inputs ended and everything is out
};

// Allocates rings, batches and pools; the arena has room for dp_worker_arena_bytes(). Ciphers pass their self-test
// here. 0 or -errno with the reason in `errs`.
int dp_worker_init(struct dp_worker *worker, struct dp_arena *arena, struct base_errs *errs);
void dp_worker_fini(struct dp_worker *worker);

// Arena bytes of one worker: scratch of each cipher.
size_t dp_worker_arena_bytes(const struct dp_choice *ciphers);

// One pass of the loop: polls, walks, sends. Returns how many datagrams came.
unsigned dp_worker_pass(struct dp_worker *worker);

// Takes datagrams (n <= DP_BURST), whose inputs it owns, through classify, slot and batch.
void dp_worker_walk(struct dp_worker *worker, struct rte_mbuf **mbufs, unsigned n);

// The loop, until *stop. Returns 0; the signature is lcore_function_t's.
int dp_worker_run(void *worker);

// True while the datagrams that are closed and wait for their turn leave buffers for more.
static inline bool dp_worker_has_room(const struct dp_worker *worker)
{
	return worker->closed_tail - worker->closed_head < worker->closed_many;
}

// Adds the time since the last boundary to a stage.
static inline void dp_worker_lap(struct dp_worker *worker, enum dp_stage stage)
{
	uint64_t now = base_clock_tsc();

	dp_count(&worker->stats.stage_ticks[stage], now - worker->lap_tick);
	worker->lap_tick = now;
}
