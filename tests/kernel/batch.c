// SPDX-License-Identifier: GPL-3.0-or-later
#include "batch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <base_check.h>

#include "trap.h"

enum { MARK = 0x5C };

void batch_begin(struct batch *batch, const char *test, struct kernel *kernel, const struct packets *packets,
		 enum direction direction)
{
	batch->test = test;
	batch->kernel = kernel;
	batch->packets = packets;
	batch->direction = direction;
	batch->laid = 0;
}

void batch_lay(struct batch *batch, unsigned p, const struct place *src, const struct place *dst)
{
	const struct packet *packet = &batch->packets->at[p];
	unsigned i = batch->laid++;

	CHECK(i < DP_CIPHER_LANES_MAX && p < batch->packets->count);
	memset(dst->first, MARK, (size_t)(dst->end - dst->first));
	if (src)
		memcpy(src->at, packet->in[batch->direction], READ_BYTES_MAX);
	else
		memcpy(dst->at, packet->in[batch->direction], packet->n);
	batch->dst[i] = *dst;
	batch->packet[i] = (uint16_t)p;
	batch->lane[i] = (struct dp_lane){
		.src = src ? src->at : dst->at,
		.dst = dst->at,
		.key = kernel_key(batch->kernel, packet->key),
		.n = packet->n,
	};
}

// Prints what is wrong with a lane and the way to see it again.
static void report(struct batch *batch, unsigned n, unsigned i, const char *what)
{
	const struct dp_cipher_ops *ops = batch->kernel->ops;
	const struct dp_lane *lane = &batch->before[i];
	const struct packet *packet = &batch->packets->at[batch->packet[i]];

	batch->kernel->failures++;
	printf("FAILED %s %s %s %s, test %s: lane %u of %u: %s\n", dp_algorithm[ops->algorithm].name, ops->name,
	       ops->isa, direction_name[batch->direction], batch->test, i, n, what);
	printf("       length %u, src at %u and dst at %u after a multiple of 64%s, key %u of %u, packet %u of %u\n",
	       lane->n, (unsigned)((uintptr_t)lane->src % 64), (unsigned)((uintptr_t)lane->dst % 64),
	       lane->src == lane->dst ? " (in place)" : "", packet->key, batch->packets->keys, batch->packet[i],
	       batch->packets->count);
}

// The lane nearest to an address, for a page that was touched.
static unsigned nearest(const struct batch *batch, uintptr_t where)
{
	uintptr_t best = UINTPTR_MAX;
	unsigned found = 0;

	for (unsigned i = 0; i < batch->laid; i++) {
		const uintptr_t at[] = {(uintptr_t)batch->before[i].src, (uintptr_t)batch->before[i].dst};

		for (unsigned k = 0; k < 2; k++) {
			uintptr_t away = where > at[k] ? where - at[k] : at[k] - where;

			if (away < best) {
				best = away;
				found = i;
			}
		}
	}
	return found;
}

static void report_signal(struct batch *batch, unsigned n, int number, uintptr_t where)
{
	unsigned i = nearest(batch, where);
	char what[128];

	snprintf(what, sizeof(what), "%s, touched src%+td = dst%+td (0x%zx)",
		 number == SIGILL ? "an instruction that this processor lacks" : "a page that nobody may touch",
		 (intptr_t)(where - (uintptr_t)batch->before[i].src),
		 (intptr_t)(where - (uintptr_t)batch->before[i].dst), (size_t)where);
	report(batch, n, i, what);
}

static bool report_bytes(struct batch *batch, unsigned n, unsigned i, const uint8_t *is, const uint8_t *want)
{
	unsigned at = 0;
	char what[96];

	while (is[at] == want[at])
		at++;
	snprintf(what, sizeof(what), "byte %u of dst is %02x instead of %02x%s", at, is[at], want[at],
		 is[at] == MARK ? " (never written)" : "");
	report(batch, n, i, what);
	return false;
}

// All of what is watched around dst still bears the mark. `n` bytes at dst are left out.
static bool neighbours_good(struct batch *batch, unsigned calls, unsigned i, unsigned n)
{
	const struct place *dst = &batch->dst[i];
	char what[96];

	for (const uint8_t *p = dst->first; p < dst->end; p++) {
		if (p == dst->at)
			p += n;
		if (p == dst->end || *p == MARK)
			continue;
		snprintf(what, sizeof(what), "the neighbour at dst%+td is %02x, and was %02x", p - dst->at, *p, MARK);
		report(batch, calls, i, what);
		return false;
	}
	return true;
}

// What came in is as it was: src, where it is not dst, and the lane itself.
static bool given_good(struct batch *batch, unsigned n, unsigned i)
{
	const struct dp_lane *is = &batch->lane[i], *was = &batch->before[i];
	const struct packet *packet = &batch->packets->at[batch->packet[i]];
	bool in_place = was->src == was->dst;

	if (is->src != was->src || is->dst != was->dst || is->key != was->key || is->n != was->n) {
		report(batch, n, i, "the lane's src, dst, key or n changed");
		return false;
	}
	if (!in_place && memcmp(was->src, packet->in[batch->direction], READ_BYTES_MAX) != 0) {
		report(batch, n, i, "src was written to");
		return false;
	}
	return true;
}

static bool lane_good(struct batch *batch, unsigned n, unsigned i)
{
	const struct packet *packet = &batch->packets->at[batch->packet[i]];
	const uint8_t *want = packet_want(packet, batch->direction), *is = batch->before[i].dst;

	if (!given_good(batch, n, i))
		return false;
	if (!batch->lane[i].done) {
		report(batch, n, i, "not done");
		return false;
	}
	if (memcmp(is, want, packet->n) != 0)
		return report_bytes(batch, n, i, is, want);
	return neighbours_good(batch, n, i, packet->n);
}

static bool untouched(struct batch *batch, unsigned n, unsigned i)
{
	const struct packet *packet = &batch->packets->at[batch->packet[i]];
	const struct dp_lane *was = &batch->before[i];
	bool in_place = was->src == was->dst;

	if (!given_good(batch, n, i))
		return false;
	if (batch->lane[i].done) {
		report(batch, n, i, "done, and not of this call");
		return false;
	}
	if (in_place && memcmp(was->dst, packet->in[batch->direction], packet->n) != 0) {
		report(batch, n, i, "changed, and not of this call");
		return false;
	}
	return neighbours_good(batch, n, i, in_place ? packet->n : 0);
}

struct call {
	struct batch *batch;
	unsigned n;
};

static void run_call(void *with)
{
	const struct call *call = with;

	kernel_run(call->batch->kernel, call->batch->direction, call->batch->lane, call->n);
}

void batch_run(struct batch *batch, unsigned n)
{
	struct call call = {.batch = batch, .n = n};
	uintptr_t where;
	int number;

	if (batch->kernel->failures >= FAILURES_MAX)
		return;
	memcpy(batch->before, batch->lane, sizeof(batch->lane));
	number = trap_run(run_call, &call, &where);
	if (number) {
		report_signal(batch, n, number, where);
		return;
	}
	// One report for a call: the first lane tells most.
	for (unsigned i = 0; i < n; i++)
		if (!lane_good(batch, n, i))
			return;
	for (unsigned i = n; i < batch->laid; i++)
		if (!untouched(batch, n, i))
			return;
}
