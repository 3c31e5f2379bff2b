// SPDX-License-Identifier: GPL-3.0-or-later
// A port that receives from memory. Frames are composed in mbufs of the dataplane's own pool, a ring of descriptors
// ahead of the reader, as a NIC does by DMA: the worker then reads what was written 1024 datagrams ago. Composing is
// timed and is no part of any stage, and the clock of arrivals stands still meanwhile.
//
// Threads: each queue's replay is of one worker. Owns: the mbufs in its ring. Errors: -ENOMEM.
#pragma once

#include "path/pace.h"
#include "path/stream.h"
#include "path/window.h"
#include "port/port.h"

struct bench_replay {
	struct bench_window *window;
	struct bench_pace *pace;
	struct rte_mempool *pool;
	unsigned streams, turn;
	struct bench_stream **stream; // of the inputs this worker owns; BORROWED
	uint64_t number;              // of the next datagram that is written
	unsigned head;
	struct rte_mbuf *ring[BENCH_DESCRIPTORS];
};

// Receives for port->context, an array of struct bench_replay by queue.
extern const struct dp_port_ops bench_replay_ops;

// Fills the ring. window, pace, pool and streams are set.
int bench_replay_init(struct bench_replay *replay);
void bench_replay_fini(struct bench_replay *replay);
