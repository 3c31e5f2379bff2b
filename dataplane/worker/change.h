// SPDX-License-Identifier: GPL-3.0-or-later
// The line-up changes, or an input moves: what the worker does between two packets (lineup/wire.h).
//
// Threads: the worker's. Owns: nothing. Errors: none.
#pragma once

#include "worker/order.h"

struct dp_worker;

// Sends what is on its way, exchanges what differs, and follows the tables of the inputs concerned once more.
void dp_worker_change(struct dp_worker *worker, struct dp_change *change);

// Of a move: sends what is on its way, and lets the inputs go to the worker they move to, which holds what comes.
void dp_worker_give(struct dp_worker *worker, struct dp_move *move);

// And there: the inputs are its own, and what it has held is taken.
void dp_worker_take(struct dp_worker *worker, struct dp_move *move);
