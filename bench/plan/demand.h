// SPDX-License-Identifier: GPL-3.0-or-later
// What a line-up asks of servers, before it is placed on any.
//
// What is placed is a leg of an output: one input with all its services, scrambled and sent as one stream. It stays
// whole, because a dataplane gives an output to one worker.
//
// Refs: docs/capacity.md (the rules); ISO/IEC 13818-1 (a section in packets).
// Threads: one owner. Owns: the items, on the heap; BORROWS line-up and options.
// Errors: -ENOMEM, -EINVAL with the reasons.
#pragma once

#include "plan/options.h"
#include "plan/services.h"

enum { BENCH_PLAN_PKT_BITS = 188 * 8 };

#define BENCH_PLAN_BYTES_PER_GIB 1073741824.0

// Bits on the wire a transport packet: seven in a datagram, with UDP, IPv4, Ethernet with VLAN tag, preamble and gap;
// at the input RTP too.
#define BENCH_PLAN_WIRE_IN_BITS  ((7 * 188 + 12 + 8 + 20 + 18 + 4 + 20) * 8 / 7.0)
#define BENCH_PLAN_WIRE_OUT_BITS ((7 * 188 + 8 + 20 + 18 + 4 + 20) * 8 / 7.0)

struct bench_plan_item {
	const struct bench_plan_service *service; // the first
	unsigned leg, legs;              // the first leg, from 0, and how many: one, or all when they stay together
	unsigned services;               // each counted once a leg
	double pps[BENCH_PLAN_KINDS];    // packets that the worker handles, by what scrambles them
	double in_pps, ecm_pps, emm_pps; // ECMs and EMMs are put in beside what comes in
	unsigned groups;                 // scrambling groups: legs that stay together share theirs
	double ecms_per_s;               // that ECMGs have to make for them
};

struct bench_plan_demand {
	size_t n;
	struct bench_plan_item *item; // those of one output stand together
	unsigned outputs;             // each counted once, whatever its legs
	unsigned inputs;              // legs of all outputs
	unsigned legs_max;
};

int bench_plan_demand_make(struct bench_plan_demand *demand, const struct bench_plan_services *services,
			   const struct bench_plan_options *options, struct base_errs *errs);

void bench_plan_demand_free(struct bench_plan_demand *demand);

// Transport packets of a section of `bytes` with its pointer_field.
static inline unsigned bench_plan_section_pkts(unsigned bytes)
{
	return (bytes + 1 + 183) / 184;
}

// Rate of its services on one leg.
static inline double bench_plan_item_mbit_s(const struct bench_plan_item *item)
{
	return item->in_pps / item->legs * BENCH_PLAN_PKT_BITS / 1e6;
}
