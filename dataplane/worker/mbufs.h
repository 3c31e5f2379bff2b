// SPDX-License-Identifier: GPL-3.0-or-later
// How many packet buffers a configuration can hold at the same time, and the memory that takes. The pools are made of
// this size, so that nothing that works as configured runs out of buffers.
//
// Threads: main; pure. Errors: none.
#pragma once

#include <stdint.h>

#include <base_err.h>

#include "conf/conf.h"

struct rte_mempool;

enum {
	DP_MBUFS_CACHE = 256,     // of a pool, per lcore; it may grow to half as much again
	DP_MBUFS_HANDOVER = 4096, // entries of a hand-over ring
};

// Of the receive pool: what receive queues hold, what waits for its datagram and for the ciphers, in caches and on its
// way.
uint32_t dp_mbufs_rx(const struct dp_conf *conf);

// Datagrams of one worker that are closed and wait for their turn, at most.
uint32_t dp_mbufs_waiting(const struct dp_conf *conf);

// Of one worker's transmit pool: these, the open datagrams of all outputs and those that ports hold.
uint32_t dp_mbufs_tx(const struct dp_conf *conf);

// A pool of so many; or NULL with the reason in `errs`. What was freed last is given first, so that the buffers in use
// stay in cache however many there are.
struct rte_mempool *dp_mbufs_pool(const struct dp_conf *conf, const char *name, uint32_t mbufs, struct base_errs *errs);

// About how many MiB /memory/mib must be for all of that.
unsigned dp_mbufs_mib(const struct dp_conf *conf);
