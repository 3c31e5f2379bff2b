// SPDX-License-Identifier: GPL-3.0-or-later
// What main waits for before it uses again what workers may still look at.
//
// Main writes what workers read, and then notes how many passes each has ended. A worker ends a pass by a store, and
// looks at everything anew in the next. All of these are sequentially consistent: a pass that ends after it was noted
// may have seen what was there before, any later one sees what main has written.
//
// Threads: main. Owns: nothing. Errors: none.
#pragma once

#include <stdbool.h>

#include "worker/worker.h"

struct dp_grace {
	unsigned long long passed[DP_CONF_WORKERS_MAX];
	uint32_t handover[DP_CONF_WORKERS_MAX]; // end of each worker's hand-over ring
};

// Notes where all workers are.
static inline void dp_grace_begin(struct dp_grace *grace, struct dp_worker *workers, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		grace->passed[i] = atomic_load(&workers[i].passed);
		grace->handover[i] = __atomic_load_n(&workers[i].handover->prod.tail, __ATOMIC_ACQUIRE);
	}
}

// True when every worker has ended a pass since.
static inline bool dp_grace_over(const struct dp_grace *grace, struct dp_worker *workers, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (atomic_load(&workers[i].passed) == grace->passed[i])
			return false;
	return true;
}

// True when `worker` has taken from its ring all that was in it then.
static inline bool dp_grace_drained(const struct dp_grace *grace, const struct dp_worker *worker)
{
	uint32_t head = __atomic_load_n(&worker->handover->cons.tail, __ATOMIC_ACQUIRE);

	return (int32_t)(head - grace->handover[worker->index]) >= 0;
}
