// SPDX-License-Identifier: GPL-3.0-or-later
// The stages of the packet walk, one file each, in this order:
//
//   rx -> classify -> slot -> batch -> scramble -> guard -> tx
//             \-> insert: ECMs and EMMs, between two packets, into the next slots
//
// Threads: the worker's. No malloc, lock, system call or log in here.
// Errors: packets have none; they have drop reasons (dp_stats.h).
#pragma once

#include "worker/worker.h"

// Checks the frames received on a port and finds their inputs: those this worker owns stay in `mbufs`, others are
// handed over or dropped. Returns how many stayed.
unsigned dp_stage_rx(struct dp_worker *worker, unsigned port, struct rte_mbuf **mbufs, unsigned n);

// Lays the transport packets of datagrams (n <= DP_BURST) into worker->pkt.
void dp_stage_unpack(struct dp_worker *worker, struct rte_mbuf **mbufs, unsigned n);

// Decides about packets from `first` on, until all are done or one must not overtake those before it: a packet of
// a table or one that starts a crypto-period waits for them, a packet where tables go out or that goes to several
// outputs is the last, so that a part fills few datagrams. Returns the end of the part.
unsigned dp_stage_classify(struct dp_worker *worker, unsigned first);

// True when the group's media time has come to an ECM or an edge. Offline, at every reading: there EMMs go by it too.
bool dp_stage_due(struct dp_group *group);

// Does what the group's media time has come to: sends ECMs, crosses an edge. Packets before this place have their
// slots and lanes.
void dp_stage_advance(struct dp_worker *worker, struct dp_group *group);

// The group's services have another algorithm from this place on: their PMTs say so.
void dp_stage_announce(struct dp_worker *worker, struct dp_group *group);

// Sends the EMMs that are due in the worker's live outputs; those fed by files let go of what would hold up others.
void dp_stage_emms(struct dp_worker *worker);

// Gives the packets first..end-1 their places in output datagrams (stage/place.h).
void dp_stage_slot(struct dp_worker *worker, unsigned first, unsigned end);

// Sends the PMT of a service, if it is marked, in the next slots of its output.
void dp_stage_put_pmt(struct dp_worker *worker, struct dp_service *service);

// Lays and closes the datagrams of which all places are given.
void dp_stage_batch(struct dp_worker *worker);

// Puts a packet that is being laid into a lane of its algorithm; a full batch is scrambled.
void dp_stage_take_lane(struct dp_worker *worker, struct dp_dgram *dgram, const struct dp_held_pkt *held, unsigned slot,
			unsigned offset);

// Lays what the group's outputs hold: none of it names a key of the group after that, and after dp_stage_flush no lane.
void dp_stage_lay(struct dp_worker *worker, const struct dp_group *group);

// Lets go of the received datagrams that no lane reads.
void dp_stage_release(struct rte_mbuf **mbufs, unsigned n);

// Scrambles and seals all lanes of a batch.
void dp_stage_scramble(struct dp_worker *worker, struct dp_batch *batch);

// Lays and closes full datagrams, and scrambles every batch that has lanes.
void dp_stage_flush(struct dp_worker *worker);

// Lays and closes an output's datagram as it is: the rest becomes null packets, or is cut off.
void dp_stage_close(struct dp_worker *worker, struct dp_output *output, bool cut);

// True when the packet must not be copied as it is, because its PID is one to scramble. Asked when the packet takes
// its slot, under the very map that decided about it.
bool dp_guard_forbids(const struct dp_input *input, const uint8_t *packet);

// Looks at a datagram that is about to leave; what must not leave becomes a null packet, counted as a drop.
void dp_stage_guard(struct dp_dgram *dgram);

// Sends the datagrams whose slots are all done, in order.
void dp_stage_tx(struct dp_worker *worker);

// Counts and frees a datagram that goes nowhere.
void dp_drop_datagram(uint64_t *drops, struct rte_mbuf *mbuf, enum dp_drop reason);
