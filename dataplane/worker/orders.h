// SPDX-License-Identifier: GPL-3.0-or-later
// What main asked for, done between two passes.
//
// Threads: the worker's.
#pragma once

#include "worker/order.h"

struct dp_worker;

// Executes the orders in the inbox and gives them back, control words scrubbed.
void dp_worker_take_orders(struct dp_worker *worker);
