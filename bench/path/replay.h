// SPDX-License-Identifier: GPL-3.0-or-later
// A port that receives from memory. Frames are copied into mbufs of the dataplane's own pool, a ring of descriptors
// ahead of the reader, as a NIC does by DMA: the worker then reads what was written 1024 datagrams ago. The copy is
// timed and is no part of any stage.
//
// Threads: each queue's replay is of one worker. Owns: the mbufs in its ring. Errors: -ENOMEM.
#pragma once

#include "path/stream.h"
#include "path/window.h"
#include "port/port.h"

enum { BENCH_RING_MAX = 1024, BENCH_RING_ALL = 4096 };

struct bench_replay {
	struct bench_window *window;
	struct rte_mempool *pool;
	unsigned streams, turn;
	struct bench_stream **stream; // of the services this worker owns; BORROWED
	unsigned ring_size, head;
	struct rte_mbuf *ring[BENCH_RING_MAX];
};

// Receives for port->context, an array of struct bench_replay by queue.
extern const struct dp_port_ops bench_replay_ops;

// Fills the ring. window, pool and streams are set.
int bench_replay_init(struct bench_replay *replay, unsigned workers);
void bench_replay_fini(struct bench_replay *replay);
