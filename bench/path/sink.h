// SPDX-License-Identifier: GPL-3.0-or-later
// A port that looks at what is sent, catches one datagram in so many for the verdict, and frees them all. Its time is
// measured and is no part of any stage.
//
// Threads: each queue's sink is of one worker; main reads it when no trial runs. Owns: the datagrams it catches, and
// mbufs that it holds for measuring the guard on them.
#pragma once

#include "path/watch.h"
#include "path/window.h"
#include "port/port.h"

enum { BENCH_HELD_MAX = 256, BENCH_CATCHES_MAX = 16384 };

// A datagram as it left.
struct bench_catch {
	uint64_t own;      // the own clock (path/pace.h)
	uint64_t gap_over; // as the pace had it
	unsigned service;
	uint8_t ts[DP_DGRAM_TS_BYTES];
};

struct bench_sink {
	struct bench_window *window;
	struct bench_pace *pace;
	struct bench_watch watch;
	unsigned every, countdown; // one datagram in so many is caught; main sets it between trials
	unsigned catches;
	struct bench_catch *catch; // BENCH_CATCHES_MAX
	atomic_bool hold;          // main: keep some from now on
	unsigned held;
	struct rte_mbuf *mbuf[BENCH_HELD_MAX];
};

// Sends to port->context, an array of struct bench_sink by queue.
extern const struct dp_port_ops bench_sink_ops;

// window and pace are set. 0 or -ENOMEM.
int bench_sink_init(struct bench_sink *sink, unsigned services, unsigned programmes, bool scrambled);
void bench_sink_fini(struct bench_sink *sink);
