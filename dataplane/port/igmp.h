// SPDX-License-Identifier: GPL-3.0-or-later
// The IGMPv3 host of a port: asks the network for the groups of its inputs. Behind a NIC that DPDK drives the kernel
// sees no queries, so it cannot ask for us.
//
// Refs: RFC 3376 clauses 4.2 (report), 5.1 (state change, robustness), 5.2 (answer to a query), 4.2.13 (source
// 0.0.0.0), 4.1.2 (a query's checksum is verified). Compatibility with queriers of IGMPv1 and v2 (clause 7.2.1) is not
// there: their queries are answered with IGMPv3 reports, which such queriers do not know.
// Threads: main makes reports; worker 0 sends them, because queues belong to workers; any worker notes a
// query. Errors: a report that finds no buffer is left to the next one.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ring.h>

#include "lineup/lineup.h"

struct dp_port;

// Ethernet 14, VLAN 4, IPv4 with Router Alert 24, report 8, record 8 with one source 4.
enum { DP_IGMP_FRAME_MAX_BYTES = 62 };

enum dp_igmp_event { DP_IGMP_JOIN, DP_IGMP_STATE, DP_IGMP_LEAVE };

// Inputs that are not free and have an owner are asked for.
struct dp_igmp {
	const struct dp_conf *machine;
	const struct dp_lineup *lineup;
	struct dp_port *port; // all of them
	struct rte_ring *outbox;
	struct rte_mempool *pool;
	uint64_t next_ms;                    // when joins are repeated
	uint64_t state_ms;                   // when the state is told unasked
	uint64_t answer_ms;                  // before this no query is answered
	uint8_t joins[DP_LINEUP_INPUTS_MAX]; // of each input, still to be sent
};

// Writes the report for one input to `frame`; returns its size in bytes. `address` is the port's own, 0 for none.
unsigned dp_igmp_report(uint8_t *frame, const struct dp_conf_input *input, enum dp_igmp_event event,
			const uint8_t source_mac[6], uint32_t address);

// True when the IPv4 packet's payload of `n` bytes is a membership query of any version with a good checksum.
bool dp_igmp_is_query(const uint8_t *igmp, size_t n);

// True for ports whose network is asked: Ethernet ones, not files, rings and memory.
bool dp_igmp_speaks(enum dp_port_driver driver);

// An input has come, or goes: its group is joined with the next turn, or left now, unless another input still wants it.
void dp_igmp_join(struct dp_igmp *igmp, unsigned input);
void dp_igmp_part(struct dp_igmp *igmp, unsigned input);

// Sends joins and their repetitions, answers queries, and tells the state now and then for switches without a querier.
// Called by main every few milliseconds.
void dp_igmp_tend(struct dp_igmp *igmp, uint64_t now_ms);

// Leaves all groups; the workers still run.
void dp_igmp_leave(struct dp_igmp *igmp);
