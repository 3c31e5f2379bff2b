// SPDX-License-Identifier: GPL-3.0-or-later
// A .ts file as a port: transport packets in, in datagrams of seven, and out.
//
// Threads: one worker reads and writes; open and close by main. Owns: both files.
// Errors: -errno; a read error ends the input, a write error is kept for close.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include <rte_mbuf.h>

struct dp_file {
	FILE *rx, *tx; // NULL when there is none
	struct rte_mempool *pool;
	atomic_bool ended;
	int tx_error; // first -errno of writing
};

// "" opens nothing on that side. The output is made anew.
int dp_file_open(struct dp_file *file, const char *rx, const char *tx, struct rte_mempool *pool);
int dp_file_close(struct dp_file *file);

unsigned dp_file_rx(struct dp_file *file, struct rte_mbuf **mbufs, unsigned n);
unsigned dp_file_tx(struct dp_file *file, struct rte_mbuf **mbufs, unsigned n);
