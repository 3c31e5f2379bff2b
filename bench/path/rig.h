// SPDX-License-Identifier: GPL-3.0-or-later
// One case on air: a plant is built, its ports are replaced by replay and sink, the workers run, and trials are made
// one after the other. Between them the inputs go on slowly.
//
// Threads: main; the EAL runs. Owns: everything of the case.
// Errors: -errno with the reason in the list.
#pragma once

#include "path/outcome.h"
#include "path/replay.h"
#include "plant.h"

struct bench_rig {
	const struct bench_options *options;
	const struct base_clock *clock;
	struct bench_lineup lineup;
	unsigned inputs, programmes;
	struct dp_conf *conf; // room for the configuration, BORROWED
	struct dp_keyfile keyfile;
	struct dp_plant plant;
	bool running;
	struct bench_store store;
	struct bench_stream *stream;     // by input
	struct bench_stream **of_worker; // the streams of worker w, from w * inputs on
	struct bench_window *window;     // by worker, and so are the next three
	struct bench_pace *pace;
	struct bench_replay *replay;
	struct bench_sink *sink;
	struct bench_verdict verdict;
	uint64_t named_before; // packets missed or dropped in the trial before: datagrams that are still open show it
			       // late
};

// What to offer.
struct bench_trial {
	double pkts_per_s; // of all workers; 0: as fast as they are taken
	unsigned ms;
	bool without_gaps; // gaps of the machine are no time in which packets arrive
	unsigned catches;  // datagrams to be judged, of each worker
};

// options, clock, lineup and conf are set. Builds and starts the case.
int bench_rig_open(struct bench_rig *rig, struct base_errs *errs);
void bench_rig_close(struct bench_rig *rig);

// Heap that the rig holds beside the plant.
uint64_t bench_rig_own_bytes(const struct bench_rig *rig);

// Makes a trial. `datagrams` and `packets` take delays, from the arrival of the last packet of a datagram and of any
// of its packets to when it left; NULL where they are not wanted.
void bench_rig_try(struct bench_rig *rig, const struct bench_trial *trial, struct bench_outcome *outcome,
		   struct bench_delays *datagrams, struct bench_delays *packets);

// Stops the workers, and keeps some datagrams for measurements on them.
void bench_rig_stop(struct bench_rig *rig);
