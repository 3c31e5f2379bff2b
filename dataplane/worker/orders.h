// SPDX-License-Identifier: GPL-3.0-or-later
// What main asked for, done between two passes.
//
// Threads: the worker's.
#pragma once

#include "worker/order.h"

struct dp_worker;

// Executes orders of the inbox, as many as may be at a time, and gives them back, control words scrubbed.
void dp_worker_take_orders(struct dp_worker *worker);
