// SPDX-License-Identifier: GPL-3.0-or-later
// A port that counts and frees what is sent. Outside the measured time it also looks at every packet: no elementary
// stream of a scrambled service may leave without transport_scrambling_control. After it, it keeps some datagrams, for
// measuring the guard on them.
//
// Threads: each queue's sink is of one worker; main reads it when the worker has stopped. Owns: the mbufs it keeps.
#pragma once

#include "path/window.h"
#include "port/port.h"

enum { BENCH_HELD_MAX = 256 };

struct bench_sink {
	struct bench_window *window;
	bool scrambled;        // what is expected of elementary streams
	uint64_t checked_pkts; // of elementary streams with payload
	uint64_t wrong_pkts;   // not as expected
	uint64_t psi_pkts;
	unsigned held;
	struct rte_mbuf *mbuf[BENCH_HELD_MAX];
};

// Sends to port->context, an array of struct bench_sink by queue.
extern const struct dp_port_ops bench_sink_ops;

void bench_sink_fini(struct bench_sink *sink);
