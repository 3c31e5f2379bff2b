// SPDX-License-Identifier: GPL-3.0-or-later
// The whole dataplane in one struct on main's stack: what is built in which order, and unwound backwards.
//
// Threads: main. Owns: everything below it.
// Errors: -errno with the reasons in the list.
#pragma once

#include <stdatomic.h>

#include <rte_mempool.h>

#include "alarm/alarm.h"
#include "conf/conf.h"
#include "lineup/lineup.h"
#include "port/igmp.h"
#include "port/port.h"
#include "source/controlled.h"
#include "source/static.h"
#include "worker/worker.h"

struct dp_link;
struct dp_transition;

struct dp_plant {
	const struct dp_conf *conf; // cores, memory, ports and capacity
	const struct base_clock *clock;
	struct dp_keyfile *keyfile; // NULL: a controller brings the control words
	const struct dp_link *link; // to the controller, for the statistics; NULL: there is none
	bool built;                 // there is a line-up
	bool running;               // the workers are
	struct dp_choice ciphers;   // const once the plant is open
	struct dp_lineup lineup;
	struct dp_arena arena;
	struct rte_mempool *rx_pool;
	struct dp_flows flows;
	struct dp_port *port;
	struct dp_worker *worker;
	unsigned workers; // that were initialised
	struct dp_transition *transition;
	struct dp_static_source source;  // with a key file
	struct dp_controlled controlled; // with a controller
	struct dp_alarms alarms;
	struct dp_igmp igmp;
	atomic_bool stop;                               // main writes, workers read
	unsigned long long passed[DP_CONF_WORKERS_MAX]; // by each worker, when dp_plant_stands looked last
};

// Chooses the ciphers, which show their known answers, opens the ports, and makes the workers and all that a line-up of
// the capacity of `conf` will need; the EAL runs. `conf`, `clock` BORROWED for the plant's life.
int dp_plant_open(struct dp_plant *plant, const struct dp_conf *conf, const struct base_clock *clock,
		  struct base_errs *errs);

// Brings the line-up of `conf` (BORROWED for the call) on air before the workers start. `keyfile` BORROWED for the
// plant's life, or NULL when a controller brings the control words. After an error another line-up can be built.
int dp_plant_build(struct dp_plant *plant, const struct dp_conf *conf, struct dp_keyfile *keyfile,
		   struct base_errs *errs);

static inline bool dp_plant_built(const struct dp_plant *plant)
{
	return plant->built;
}

// Begins to bring the whole line-up of `conf` on air in place of the present one: what differs, by name, and nothing
// else. GIVEN on success (the plant frees it). 0; -EBUSY while another change runs; -EINVAL, -ENOSPC, -ENOMEM with the
// reasons in `errs`: then nothing has changed. Places (lineup/lineup.h) are found by name once the change is over;
// those of what stays do not move while it runs.
int dp_plant_lineup(struct dp_plant *plant, struct dp_conf *conf, struct base_errs *errs);

// True until the difference is on air.
bool dp_plant_changing(const struct dp_plant *plant);

// Goes on with a change: takes back what workers have done, does the next step. Called by main at every turn.
void dp_plant_tend(struct dp_plant *plant);

// Begins to move an input, and with it every input that shares a group, an output or an offline port with it, to
// another worker. 0; -EBUSY while a change runs; -EINVAL, -ENOMEM with the reasons in `errs`.
int dp_plant_move(struct dp_plant *plant, unsigned input_place, unsigned worker, struct base_errs *errs);

// For the transition: groups that go give back what the source has of them and lose their keys; false while a period of
// one is on its way.
bool dp_plant_strip(struct dp_plant *plant);

// Launches the workers. 0 or -errno.
int dp_plant_start(struct dp_plant *plant);

// Stops the workers, which send what they hold, and waits for them.
void dp_plant_stop(struct dp_plant *plant);

// Unwinds; 0, or -errno when an output file lost bytes. A plant that is all zero is left alone.
int dp_plant_fini(struct dp_plant *plant);

// True when there is a line-up, every input is a file, all are at their end, and everything has left.
bool dp_plant_drained(const struct dp_plant *plant);

// Reads the counters of all ports. Called by main about once a second.
void dp_plant_read_ports(struct dp_plant *plant);

// Datagrams that were lost, as far as is known: missed by a port, or for want of a buffer or of room between workers.
uint64_t dp_plant_lost(const struct dp_plant *plant);

// Datagrams that could not be used: fragments, cut ones, or without transport packets.
uint64_t dp_plant_bad(const struct dp_plant *plant);

// True when some worker has ended no pass since this was asked last.
bool dp_plant_stands(struct dp_plant *plant);

// Transport packets received so far.
uint64_t dp_plant_received(const struct dp_plant *plant);
