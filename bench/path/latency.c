// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/latency.h"

#include <errno.h>
#include <stdlib.h>

int bench_delays_init(struct bench_delays *delays, unsigned capacity)
{
	*delays = (struct bench_delays){.capacity = capacity};
	delays->delay = calloc(capacity, sizeof(*delays->delay));
	return delays->delay ? 0 : -ENOMEM;
}

void bench_delays_fini(struct bench_delays *delays)
{
	free(delays->delay);
	*delays = (struct bench_delays){0};
}

void bench_delays_add(struct bench_delays *delays, double us, bool in_gap)
{
	if (delays->n < delays->capacity)
		delays->delay[delays->n++] = (struct bench_delay){us, in_gap};
}

// Those outside gaps first, each part in order.
static int compare(const void *a, const void *b)
{
	const struct bench_delay *x = a, *y = b;

	if (x->in_gap != y->in_gap)
		return x->in_gap - y->in_gap;
	return (x->us > y->us) - (x->us < y->us);
}

static int compare_all(const void *a, const void *b)
{
	const struct bench_delay *x = a, *y = b;

	return (x->us > y->us) - (x->us < y->us);
}

// The smallest that at least `per_mille` of n samples do not exceed.
static double ranked(const struct bench_delay *delay, unsigned n, unsigned per_mille)
{
	unsigned rank = (unsigned)(((uint64_t)n * per_mille + 999) / 1000);

	return n ? delay[rank ? rank - 1 : 0].us : 0;
}

struct bench_percentiles bench_delays_percentiles(struct bench_delays *delays, bool outside_gaps)
{
	unsigned n = delays->n;

	qsort(delays->delay, n, sizeof(*delays->delay), outside_gaps ? compare : compare_all);
	while (outside_gaps && n && delays->delay[n - 1].in_gap)
		n--;
	return (struct bench_percentiles){.n = n,
					  .p50 = ranked(delays->delay, n, 500),
					  .p90 = ranked(delays->delay, n, 900),
					  .p99 = ranked(delays->delay, n, 990),
					  .p999 = ranked(delays->delay, n, 999),
					  .max = ranked(delays->delay, n, 1000)};
}
